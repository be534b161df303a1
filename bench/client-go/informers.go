package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// withoutManagedFields is the transformation that the documentation shows, to save memory.
func withoutManagedFields(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}

func cachePods(ctx context.Context, config *rest.Config, reads string) error {
	m, clientset, err := start(config)
	if err != nil {
		return err
	}
	options := []informers.SharedInformerOption{}
	if reads == "all-but-managed-fields" {
		options = append(options, informers.WithTransform(withoutManagedFields))
	}
	factory := informers.NewSharedInformerFactoryWithOptions(clientset, 0, options...)
	informer := factory.Core().V1().Pods().Informer()
	factory.StartWithContext(ctx)
	factory.WaitForCacheSyncWithContext(ctx)
	err = m.settle(len(informer.GetStore().ListKeys()))
	if after := len(informer.GetStore().ListKeys()); after == 0 {
		return fmt.Errorf("the cache is empty")
	}
	return err
}

// inform lets every handler see what there is and what changes.
func inform(ctx context.Context, config *rest.Config, objects, events, handlers int) error {
	m, clientset, err := start(config)
	if err != nil {
		return err
	}
	without := informers.WithTransform(withoutManagedFields)
	factory := informers.NewSharedInformerFactoryWithOptions(clientset, 0, without)
	seen, err := newHandlers(factory.Core().V1().Pods().Informer(), handlers, objects, events)
	if err != nil {
		return err
	}
	factory.StartWithContext(ctx)
	return m.end(seen.wait())
}

// handle feeds an informer from memory.
func handle(ctx context.Context, file string, objects, events, handlers int) error {
	versions, err := podsOf(file)
	if err != nil {
		return err
	}
	// Many Pods become the versions of a few.
	for index := range versions {
		first := &versions[index%objects]
		versions[index].Namespace, versions[index].Name = first.Namespace, first.Name
	}
	source := newSource(&corev1.PodList{Items: versions[:objects]})
	informer := cache.NewSharedIndexInformer(source.listWatch(), &corev1.Pod{}, 0, cache.Indexers{})
	added, err := newHandlers(informer, handlers, objects, 0)
	if err != nil {
		return err
	}
	go informer.RunWithContext(ctx)
	added.wait()
	// The handlers go on; what counts are the changes.
	for _, h := range added.handlers {
		h.expect(events)
	}
	m, err := startMeter()
	if err != nil {
		return err
	}
	for event := range events {
		// The first are in the cache already.
		source.events <- watch.Event{Type: watch.Modified, Object: &versions[(objects+event)%len(versions)]}
	}
	return done(m, added.wait(), versions)
}

// podsOf has the Pods of a list, without their managedFields.
func podsOf(file string) ([]corev1.Pod, error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list, err := podList(body)
	if err != nil {
		return nil, err
	}
	for index := range list.Items {
		list.Items[index].ManagedFields = nil
	}
	return list.Items, nil
}

// source has a list, and a watch that is fed by hand.
type source struct {
	list   *corev1.PodList
	events chan watch.Event
}

func newSource(list *corev1.PodList) *source {
	list.ResourceVersion = "1"
	return &source{list: list, events: make(chan watch.Event, 1024)}
}

// listWatch is what an informer reads from.
func (s *source) listWatch() cache.ListerWatcher {
	lists := &cache.ListWatch{
		ListFunc:  func(metav1.ListOptions) (runtime.Object, error) { return s.list, nil },
		WatchFunc: func(metav1.ListOptions) (watch.Interface, error) { return s, nil },
	}
	return cache.ToListWatcherWithWatchListSemantics(lists, s)
}

// IsWatchListSemanticsUnSupported makes the informer ask for the list.
func (s *source) IsWatchListSemanticsUnSupported() bool { return true }

// ResultChan is the channel of the watch.
func (s *source) ResultChan() <-chan watch.Event { return s.events }

// Stop is called when the program ends.
func (s *source) Stop() {}

// handlers are those of one informer.
type handlers struct {
	handlers []*counter
	seen     sync.WaitGroup
}

// counter is a handler that counts what it sees.
type counter struct {
	of       *handlers
	expected int
	seen     int
}

// newHandlers adds handlers of which each expects to see so many objects and changes.
func newHandlers(informer cache.SharedInformer, count, objects, events int) (*handlers, error) {
	all := &handlers{}
	for range count {
		h := &counter{of: all}
		h.expect(objects + events)
		all.handlers = append(all.handlers, h)
		if _, err := informer.AddEventHandler(h); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// wait waits until every handler has seen what it expects, and gives how much that was.
func (h *handlers) wait() int {
	h.seen.Wait()
	seen := 0
	for _, handler := range h.handlers {
		seen += handler.seen
	}
	return seen
}

// expect begins to count anew.
func (c *counter) expect(events int) {
	c.expected, c.seen = events, 0
	c.of.seen.Add(1)
}

func (c *counter) count(object any) {
	if _, ok := object.(*corev1.Pod); ok {
		if c.seen++; c.seen == c.expected {
			c.of.seen.Done()
		}
	}
}

// OnAdd counts.
func (c *counter) OnAdd(object any, _ bool) { c.count(object) }

// OnUpdate counts.
func (c *counter) OnUpdate(_, object any) { c.count(object) }

// OnDelete counts nothing: nothing is deleted.
func (c *counter) OnDelete(any) {}
