// The cases of the benchmark, on client-go. The crate `harness` beside this folder tells the arguments and the answer.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"strconv"
)

const (
	namespace        = "bench-0"
	scratchNamespace = "bench-scratch"
	idleNamespace    = "bench-idle"
)

func main() {
	codec := flag.String("codec", "protobuf", "json or protobuf")
	gzip := flag.Bool("gzip", false, "whether to ask for compressed answers")
	reads := flag.String("reads", "everything", "what a cache keeps; everything else always reads everything")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("which case?")
	}
	w := words(flag.Args()[1:])
	done, err := alone(context.Background(), flag.Arg(0), w)
	if !done && err == nil {
		err = ask(context.Background(), flag.Arg(0), w, *codec, *gzip, *reads)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// words are the arguments of a case.
type words []string

// text is a word, or nothing.
func (w words) text(index int) string {
	if index < len(w) {
		return w[index]
	}
	return ""
}

// numbers are all words from one on.
func (w words) numbers(from, count int) ([]int, error) {
	numbers := make([]int, count)
	for index := range numbers {
		number, err := strconv.Atoi(w.text(from + index))
		if err != nil {
			return nil, err
		}
		numbers[index] = number
	}
	return numbers, nil
}

// alone does a case for which no server is asked, if it is one.
func alone(ctx context.Context, name string, w words) (bool, error) {
	switch name {
	case "decode":
		return true, decode(w.text(0))
	case "handle":
		n, err := w.numbers(1, 3)
		if err != nil {
			return true, err
		}
		return true, handle(ctx, w.text(0), n[0], n[1], n[2])
	case "lookup":
		n, err := w.numbers(2, 3)
		if err != nil {
			return true, err
		}
		return true, lookup(ctx, w.text(0), w.text(1), n[0], n[1], n[2])
	case "queue":
		n, err := w.numbers(0, 3)
		if err != nil {
			return true, err
		}
		return true, queue(n[0], n[1], n[2])
	}
	return false, nil
}

// ask does a case that asks a server.
func ask(ctx context.Context, name string, w words, codec string, gzip bool, reads string) error {
	config, err := newConfig(codec, gzip)
	if err != nil {
		return err
	}
	switch name {
	case "list":
		return list(ctx, config, w.text(0), w.text(1))
	case "cache":
		return cachePods(ctx, config, reads)
	case "inform":
		n, err := w.numbers(0, 3)
		if err != nil {
			return err
		}
		return inform(ctx, config, n[0], n[1], n[2])
	}
	count, err := strconv.Atoi(w.text(0))
	if err != nil {
		return err
	}
	switch name {
	case "watch":
		return watchPods(ctx, config, count)
	case "get":
		concurrency, err := strconv.Atoi(w.text(1))
		if err != nil {
			return err
		}
		return getPods(ctx, config, count, concurrency)
	case "cycle":
		return cycle(ctx, config, count, w.text(1))
	case "idle-watches":
		return idleWatches(ctx, config, count)
	}
	return fmt.Errorf("no such case: %s %v", name, w)
}
