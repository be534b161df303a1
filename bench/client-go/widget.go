package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/gentype"
	"k8s.io/client-go/rest"
)

// Widget is the custom resource. Its client is what client-gen would write.
type Widget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              WidgetSpec   `json:"spec"`
	Status            WidgetStatus `json:"status"`
}

// WidgetSpec is what is wanted.
type WidgetSpec struct {
	Replicas int32        `json:"replicas"`
	Image    string       `json:"image"`
	Paused   bool         `json:"paused"`
	Parts    []WidgetPart `json:"parts"`
}

// WidgetPart is one of the parts.
type WidgetPart struct {
	Name    string            `json:"name"`
	Size    int64             `json:"size"`
	Options map[string]string `json:"options"`
}

// WidgetStatus is what is.
type WidgetStatus struct {
	ObservedGeneration int64              `json:"observedGeneration"`
	ReadyReplicas      int32              `json:"readyReplicas"`
	Conditions         []metav1.Condition `json:"conditions"`
}

// WidgetList is a list of Widgets.
type WidgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []Widget `json:"items"`
}

// DeepCopyObject is needed of every object. Nothing here copies one.
func (w *Widget) DeepCopyObject() runtime.Object {
	result := *w
	return &result
}

// DeepCopyObject is needed of every object. Nothing here copies one.
func (l *WidgetList) DeepCopyObject() runtime.Object {
	result := *l
	return &result
}

// newWidgets has a scheme of its own, and JSON, which is all that servers have for custom resources.
func newWidgets(config *rest.Config, namespace string) (*gentype.ClientWithList[*Widget, *WidgetList], error) {
	version := schema.GroupVersion{Group: "bench.example.com", Version: "v1"}
	widgets := runtime.NewScheme()
	widgets.AddKnownTypes(version, &Widget{}, &WidgetList{})
	metav1.AddToGroupVersion(widgets, version)
	config = rest.CopyConfig(config)
	config.GroupVersion = &version
	config.APIPath = "/apis"
	config.ContentType, config.AcceptContentTypes = "application/json", ""
	config.NegotiatedSerializer = serializer.NewCodecFactory(widgets).WithoutConversion()
	client, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, err
	}
	return gentype.NewClientWithList(
		"widgets", client, runtime.NewParameterCodec(widgets), namespace,
		func() *Widget { return &Widget{} }, func() *WidgetList { return &WidgetList{} },
	), nil
}
