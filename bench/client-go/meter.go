package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// meter measures from its start to its end.
type meter struct {
	start  time.Time
	cpu    time.Duration
	memory runtime.MemStats
}

func startMeter() (*meter, error) {
	m := &meter{}
	runtime.ReadMemStats(&m.memory)
	cpu, err := cpuTime()
	m.cpu = cpu
	m.start = time.Now()
	return m, err
}

// end stops the clocks and prints what they say. What was made must still be reachable.
func (m *meter) end(items int) error {
	line, err := m.read(items)
	if err != nil {
		return err
	}
	return print(line)
}

// print writes the line that whoever runs this program reads.
func print(line map[string]any) error {
	return json.NewEncoder(os.Stdout).Encode(line)
}

// settling is how long a program is left alone before its memory is looked at once more.
const settling = 5 * time.Second

// settle ends the measurement, and looks at the memory again some seconds later: after a collection, which comes by
// itself only within two minutes, and once more when all that is free was given back, which no program does by itself.
func (m *meter) settle(items int) error {
	line, err := m.read(items)
	if err != nil {
		return err
	}
	runtime.GC()
	time.Sleep(settling)
	if line["settled_rss_bytes"], err = resident(); err != nil {
		return err
	}
	debug.FreeOSMemory()
	if line["trimmed_rss_bytes"], err = resident(); err != nil {
		return err
	}
	return print(line)
}

// read stops the clocks.
func (m *meter) read(items int) (map[string]any, error) {
	wall := time.Since(m.start)
	cpu, err := cpuTime()
	if err != nil {
		return nil, err
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	open, err := connections()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"items":           items,
		"wall_seconds":    wall.Seconds(),
		"cpu_seconds":     (cpu - m.cpu).Seconds(),
		"peak_rss_bytes":  kilobytes(string(status), "VmHWM:") * 1024,
		"rss_bytes":       kilobytes(string(status), "VmRSS:") * 1024,
		"connections":     open,
		"allocations":     memory.Mallocs - m.memory.Mallocs,
		"allocated_bytes": memory.TotalAlloc - m.memory.TotalAlloc,
	}, nil
}

// resident is the memory that is resident now, in bytes.
func resident() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	return kilobytes(string(status), "VmRSS:") * 1024, err
}

// cpuTime is what all threads of this process have used so far, user and system.
func cpuTime() (time.Duration, error) {
	var now unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &now)
	return time.Duration(now.Nano()), err
}

// kilobytes is the number behind a name in the text of a status file.
func kilobytes(status, name string) uint64 {
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, name); found {
			number, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return number
		}
	}
	return 0
}

// connections is how many TCP connections the process has open.
func connections() (int, error) {
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return 0, err
	}
	sockets := map[string]bool{}
	for _, link := range links {
		// A descriptor may have been closed since.
		if target, err := os.Readlink(link); err == nil {
			sockets[target] = true
		}
	}
	open := 0
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			columns := strings.Fields(line)
			// The state 01 is an established connection.
			if len(columns) > 9 && columns[3] == "01" && sockets[fmt.Sprintf("socket:[%s]", columns[9])] {
				open++
			}
		}
	}
	return open, nil
}
