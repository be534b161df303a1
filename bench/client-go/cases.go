package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// fromCache lets the server answer from its cache.
var fromCache = metav1.ListOptions{ResourceVersion: "0"}

// newConfig has client-go's fast options: protobuf, unless JSON is asked for, and no limit of requests per second.
func newConfig(codec string, gzip bool) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.DisableCompression = !gzip
	if codec == "json" {
		config.ContentType = "application/json"
	} else {
		config.ContentType = "application/vnd.kubernetes.protobuf"
		config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	}
	return config, nil
}

func list(ctx context.Context, config *rest.Config, resource, namespace string) error {
	m, err := startMeter()
	if err != nil {
		return err
	}
	if resource == "widgets" {
		widgets, err := newWidgets(config, namespace)
		if err != nil {
			return err
		}
		answer, err := widgets.List(ctx, fromCache)
		if err != nil {
			return err
		}
		return done(m, len(answer.Items), answer)
	}
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	switch resource {
	case "pods":
		answer, err := clientset.CoreV1().Pods(namespace).List(ctx, fromCache)
		if err != nil {
			return err
		}
		return done(m, len(answer.Items), answer)
	case "configmaps":
		answer, err := clientset.CoreV1().ConfigMaps(namespace).List(ctx, fromCache)
		if err != nil {
			return err
		}
		return done(m, len(answer.Items), answer)
	}
	return fmt.Errorf("no such resource: %s", resource)
}

// done ends the measurement while what was read is still there.
func done(m *meter, items int, kept any) error {
	err := m.end(items)
	runtime.KeepAlive(kept)
	return err
}

func decode(file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	m, err := startMeter()
	if err != nil {
		return err
	}
	pods, err := podList(body)
	if err != nil {
		return err
	}
	return done(m, len(pods.Items), pods)
}

// podList decodes the body of a list of Pods.
func podList(body []byte) (*corev1.PodList, error) {
	kind := schema.GroupVersionKind{Version: "v1", Kind: "PodList"}
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, &kind, nil)
	if err != nil {
		return nil, err
	}
	pods, ok := object.(*corev1.PodList)
	if !ok {
		return nil, fmt.Errorf("a list of Pods is a %T", object)
	}
	return pods, nil
}

func watchPods(ctx context.Context, config *rest.Config, count int) error {
	m, clientset, err := start(config)
	if err != nil {
		return err
	}
	watcher, err := clientset.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	seen := 0
	for seen < count {
		event, open := <-watcher.ResultChan()
		if !open {
			return fmt.Errorf("the watch ended after %d events", seen)
		}
		if _, ok := event.Object.(*corev1.Pod); !ok {
			return fmt.Errorf("an event of type %s with a %T", event.Type, event.Object)
		}
		seen++
	}
	return m.end(seen)
}

func getPods(ctx context.Context, config *rest.Config, count, concurrency int) error {
	m, clientset, err := start(config)
	if err != nil {
		return err
	}
	pods := clientset.CoreV1().Pods(namespace)
	var next, read atomic.Int64
	var failure error
	var once sync.Once
	var workers sync.WaitGroup
	for range concurrency {
		workers.Go(func() {
			for index := int(next.Add(1)) - 1; index < count; index = int(next.Add(1)) - 1 {
				name := fmt.Sprintf("web-7d9f8c6b54-%05d", index%1000)
				if _, err := pods.Get(ctx, name, metav1.GetOptions{}); err != nil {
					once.Do(func() { failure = err })
					return
				}
				read.Add(1)
			}
		})
	}
	workers.Wait()
	if failure != nil {
		return failure
	}
	return m.end(int(read.Load()))
}

func cycle(ctx context.Context, config *rest.Config, count int, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	kind := corev1.SchemeGroupVersion.WithKind("Pod")
	object, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, &kind, nil)
	if err != nil {
		return err
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return fmt.Errorf("%s is a %T", file, object)
	}
	m, clientset, err := start(config)
	if err != nil {
		return err
	}
	pods := clientset.CoreV1().Pods(scratchNamespace)
	patch := []byte(`{"metadata":{"labels":{"patched":"yes"}}}`)
	now := metav1.DeleteOptions{GracePeriodSeconds: new(int64)}
	for range count {
		made, err := pods.Create(ctx, pod, metav1.CreateOptions{})
		if err != nil {
			return err
		}
		if _, err := pods.Patch(ctx, made.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return err
		}
		if err := pods.Delete(ctx, made.Name, now); err != nil {
			return err
		}
	}
	return m.end(count)
}

func idleWatches(ctx context.Context, config *rest.Config, count int) error {
	m, clientset, err := start(config)
	if err != nil {
		return err
	}
	watches := make([]watch.Interface, 0, count)
	for range count {
		watcher, err := clientset.CoreV1().ConfigMaps(idleNamespace).Watch(ctx, fromCache)
		if err != nil {
			return err
		}
		watches = append(watches, watcher)
	}
	return done(m, len(watches), watches)
}

// start starts the clocks, and makes a clientset, which counts.
func start(config *rest.Config) (*meter, *kubernetes.Clientset, error) {
	m, err := startMeter()
	if err != nil {
		return nil, nil, err
	}
	clientset, err := kubernetes.NewForConfig(config)
	return m, clientset, err
}
