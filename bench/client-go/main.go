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
	flag.String("reads", "everything", "ignored: client-go always decodes everything")
	flag.Parse()
	if err := run(context.Background(), *codec, *gzip, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// run does the case that words name.
func run(ctx context.Context, codec string, gzip bool, words []string) error {
	argument := func(index int) string {
		if index < len(words) {
			return words[index]
		}
		return ""
	}
	if argument(0) == "decode" {
		return decode(argument(1))
	}
	config, err := newConfig(codec, gzip)
	if err != nil {
		return err
	}
	if argument(0) == "list" {
		return list(ctx, config, argument(1), argument(2))
	}
	if argument(0) == "cache" {
		return cachePods(ctx, config)
	}
	count, err := strconv.Atoi(argument(1))
	if err != nil {
		return err
	}
	switch argument(0) {
	case "watch":
		return watchPods(ctx, config, count)
	case "get":
		concurrency, err := strconv.Atoi(argument(2))
		if err != nil {
			return err
		}
		return getPods(ctx, config, count, concurrency)
	case "cycle":
		return cycle(ctx, config, count, argument(2))
	case "idle-watches":
		return idleWatches(ctx, config, count)
	}
	return fmt.Errorf("no such case: %v", words)
}
