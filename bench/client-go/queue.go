package main

import (
	"fmt"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/util/workqueue"
)

// queue adds all keys, lets workers take them, and begins again when all are done.
func queue(items, keys, workers int) error {
	names := make([]string, keys)
	for index := range names {
		names[index] = fmt.Sprintf("bench-%d/web-7d9f8c6b54-%05d", index/1000, index%1000)
	}
	m, err := startMeter()
	if err != nil {
		return err
	}
	keysToDo := workqueue.NewTyped[string]()
	var taken atomic.Int64
	var round, all sync.WaitGroup
	for range workers {
		all.Go(func() {
			mine := 0
			for {
				key, shutdown := keysToDo.Get()
				if shutdown {
					taken.Add(int64(mine))
					return
				}
				mine++
				keysToDo.Done(key)
				round.Done()
			}
		})
	}
	for range items / keys {
		round.Add(keys)
		for _, name := range names {
			keysToDo.Add(name)
		}
		round.Wait()
	}
	keysToDo.ShutDown()
	all.Wait()
	return m.end(int(taken.Load()))
}
