// Command oracle says what the Go libraries that upstream uses make of a template or of a path, so that the engines in
// TypeScript can be held against them. It reads one case a line on stdin and writes one answer a line on stdout, both in JSON.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
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

// One of them.
type request struct {
	Template *templateCase `json:"template"`
	Gjson    *gjsonCase    `json:"gjson"`
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
	ended := make(chan struct{})
	go guard(ended)
	defer close(ended)
	output, err := outputOf(asked)
	if err != nil {
		return answer{Error: err.Error()}
	}
	encoded := base64.StdEncoding.EncodeToString(output)
	return answer{Output: &encoded}
}

func outputOf(asked request) (output []byte, err error) {
	defer func() {
		// text/template turns the panics of functions into errors, but not its own; gjson turns none.
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("panic: %v", thrown)
		}
	}()
	switch {
	case asked.Template != nil:
		return asked.Template.render()
	case asked.Gjson != nil:
		return asked.Gjson.find()
	}
	return nil, errors.New("nothing asked")
}

// What runs cannot be stopped: the process ends, and whoever asked starts another for the next case.
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
