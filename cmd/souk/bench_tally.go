package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// tally is what some clients did in some time.
type tally struct {
	took      []time.Duration // each thing done, sorted
	elapsed   time.Duration
	cpu       time.Duration // of all processes of this run; 0 where it cannot be read
	errors    int
	redisHits float64
}

func (s tally) perSecond() float64 { return float64(len(s.took)) / s.elapsed.Seconds() }

// quantile is in milliseconds.
func (s tally) quantile(q float64) float64 {
	if len(s.took) == 0 {
		return 0
	}
	return float64(s.took[int(q*float64(len(s.took)-1))].Microseconds()) / 1000
}

// cpuPerMessage is in microseconds.
func (s tally) cpuPerMessage() float64 {
	if len(s.took) == 0 {
		return 0
	}
	return float64(s.cpu.Microseconds()) / float64(len(s.took))
}

// repeat lets clients do something again and again, each waiting for its own, until the time is over.
func repeat(clients int, d time.Duration, do func() error) tally {
	var s tally
	var mu sync.Mutex
	var all sync.WaitGroup
	cpu, start := familyCPU(), time.Now()
	for range clients {
		all.Go(func() {
			var mine []time.Duration
			wrong := 0
			for time.Since(start) < d {
				begun := time.Now()
				if do() != nil {
					wrong++
					continue
				}
				mine = append(mine, time.Since(begun))
			}
			mu.Lock()
			defer mu.Unlock()
			s.took = append(s.took, mine...)
			s.errors += wrong
		})
	}
	all.Wait()
	s.elapsed, s.cpu = time.Since(start), familyCPU()-cpu
	slices.Sort(s.took)
	return s
}

func median(values []float64) float64 {
	slices.Sort(values)
	if n := len(values); n%2 == 1 {
		return values[n/2]
	}
	return (values[len(values)/2-1] + values[len(values)/2]) / 2
}

// clockTick is Linux's USER_HZ, the unit of /proc/*/stat: 100 on every architecture that Go runs on.
const clockTick = time.Second / 100

// familyCPU is the CPU time of this process and of all its descendants, Postgres and Redis among them: user and system, of
// the children that have ended as well. It is 0 where there is no /proc.
func familyCPU() time.Duration {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return 0
	}
	type process struct{ parent, ticks int }
	family := map[int]process{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The second field is a name in parentheses that may hold anything.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) < 15 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		p := process{}
		p.parent, _ = strconv.Atoi(fields[1])
		for _, f := range fields[11:15] { // utime, stime, cutime, cstime
			n, _ := strconv.Atoi(f)
			p.ticks += n
		}
		family[pid] = p
	}
	self, ticks := os.Getpid(), 0
	for pid, p := range family {
		for at := pid; at > 1; at = family[at].parent {
			if at == self {
				ticks += p.ticks
				break
			}
		}
	}
	return time.Duration(ticks) * clockTick
}
