package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

const (
	nodes  = 250
	byNode = "node"
)

// nodeOf is the function of the index.
func nodeOf(object any) ([]string, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("a %T is in the cache", object)
	}
	return []string{pod.Spec.NodeName}, nil
}

// lookup looks up in a cache that may be told of changes at the same time.
func lookup(ctx context.Context, by, file string, count, readers, writes int) error {
	pods, err := podsOf(file)
	if err != nil {
		return err
	}
	source := newSource(&corev1.PodList{Items: pods})
	informer := cache.NewSharedIndexInformer(source.listWatch(), &corev1.Pod{}, 0, cache.Indexers{byNode: nodeOf})
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the cache does not fill")
	}
	find, err := finder(by, informer.GetIndexer(), pods)
	if err != nil {
		return err
	}
	m, err := startMeter()
	if err != nil {
		return err
	}
	writer := startWriter(source, pods, writes)
	found, failure := read(find, count, readers)
	line, err := m.read(count)
	if err == nil {
		err = failure
	}
	if err == nil && found != count {
		err = fmt.Errorf("%d lookups have found everything, of %d", found, count)
	}
	if err == nil {
		err = writer.stop()
	}
	if err != nil {
		return err
	}
	line["writes"] = writer.made
	runtime.KeepAlive(informer)
	return print(line)
}

// finder gives the function that looks up once, and tells whether it has found all that there is.
func finder(by string, indexer cache.Indexer, pods []corev1.Pod) (func(index int) (bool, error), error) {
	switch by {
	case "key":
		keys := make([]string, len(pods))
		for index := range pods {
			keys[index] = cache.MetaObjectToName(&pods[index]).String()
		}
		return func(index int) (bool, error) {
			object, found, err := indexer.GetByKey(keys[index%len(keys)])
			if pod, ok := object.(*corev1.Pod); !ok || pod.Name == "" {
				return false, err
			}
			return found, err
		}, nil
	case "node":
		names := make([]string, nodes)
		for index := range names {
			names[index] = fmt.Sprintf("node-%d.example.com", index)
		}
		return func(index int) (bool, error) {
			found, err := indexer.ByIndex(byNode, names[index%nodes])
			return len(found) == len(pods)/nodes, err
		}, nil
	}
	return nil, fmt.Errorf("nothing is looked up by %q", by)
}

// read lets readers look up `count` times together, and gives how often all was found.
func read(find func(index int) (bool, error), count, readers int) (int, error) {
	var total atomic.Int64
	var failure error
	var once sync.Once
	var all sync.WaitGroup
	for reader := range readers {
		all.Go(func() {
			found := 0
			for index := reader; index < count; index += readers {
				complete, err := find(index)
				if err != nil {
					once.Do(func() { failure = err })
					return
				}
				if complete {
					found++
				}
			}
			total.Add(int64(found))
		})
	}
	all.Wait()
	return int(total.Load()), failure
}

// writer tells the informer of changes.
type writer struct {
	start    time.Time
	second   int
	made     int
	ask, end chan struct{}
}

func startWriter(source *source, pods []corev1.Pod, second int) *writer {
	w := &writer{start: time.Now(), second: second, ask: make(chan struct{}), end: make(chan struct{})}
	go func() {
		defer close(w.end)
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-w.ask:
				return
			case <-ticker.C:
			}
			for ; w.made < w.due(); w.made++ {
				pod := pods[w.made%len(pods)]
				pod.ResourceVersion = fmt.Sprintf("%d", 1_000_000+w.made)
				source.events <- watch.Event{Type: watch.Modified, Object: &pod}
			}
		}
	}()
	return w
}

// due is how many changes there should be by now.
func (w *writer) due() int {
	return int(time.Since(w.start).Milliseconds()) * w.second / 1000
}

// stop ends the changes, and checks that they were made in time.
func (w *writer) stop() error {
	close(w.ask)
	<-w.end
	if due := w.due(); w.made < due/2 {
		return fmt.Errorf("only %d of %d changes were made", w.made, due)
	}
	return nil
}
