// Command oracle renders templates with Go's own text/template and sprig, so that the engine in TypeScript can be held
// against them. It reads one case a line on stdin and writes one answer a line on stdout, both in JSON.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
	_ "time/tzdata"
)

const (
	oneCase       = 3 * time.Second
	largestHeap   = 1 << 30
	largestOutput = 16 << 20
	largestLine   = 64 << 20
)

type request struct {
	Template   string            `json:"template"`
	Data       map[string]string `json:"data"` // in base64: values are bytes, JSON strings are not
	Delimiters []string          `json:"delimiters"`
}

type answer struct {
	Output *string `json:"output,omitempty"` // in base64
	Error  string  `json:"error,omitempty"`
}

func main() {
	time.Local = time.UTC
	debug.SetGCPercent(400)
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), largestLine)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		if err := out.Encode(answerTo(asked)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func answerTo(asked request) answer {
	data, err := decode(asked.Data)
	if err != nil {
		return answer{Error: err.Error()}
	}
	ended := make(chan struct{})
	go guard(ended)
	defer close(ended)
	rendered, err := render(asked, data)
	if err != nil {
		return answer{Error: err.Error()}
	}
	output := base64.StdEncoding.EncodeToString(rendered)
	return answer{Output: &output}
}

// A running template cannot be stopped: the process ends, and whoever asked starts another for the next case.
func guard(ended <-chan struct{}) {
	deadline := time.After(oneCase)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return
		case <-deadline:
			os.Exit(3)
		case <-look.C:
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			if memory.HeapAlloc > largestHeap {
				os.Exit(4)
			}
		}
	}
}

func decode(data map[string]string) (map[string]string, error) {
	decoded := make(map[string]string, len(data))
	for key, value := range data {
		bytes, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return nil, err
		}
		decoded[key] = string(bytes)
	}
	return decoded, nil
}
