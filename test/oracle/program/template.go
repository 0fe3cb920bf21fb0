package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// What external-secrets 2.9 gives to templates, without its functions for certificates and keys.
var functions = functionMap()

func functionMap() template.FuncMap {
	all := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(all, name)
	}
	all["hexdec"] = hexdec
	all["toYaml"] = toYaml
	all["fromYaml"] = fromYaml
	return all
}

type templateCase struct {
	Template   string            `json:"template"`
	Data       map[string][]byte `json:"data"`
	Delimiters []string          `json:"delimiters"`
}

func (asked *templateCase) render() ([]byte, error) {
	left, right := "{{", "}}"
	if len(asked.Delimiters) == 2 {
		left, right = asked.Delimiters[0], asked.Delimiters[1]
	}
	parsed, err := template.New("k").Option("missingkey=error").Funcs(functions).Delims(left, right).Parse(asked.Template)
	if err != nil {
		return nil, err
	}
	data := make(map[string]string, len(asked.Data))
	for key, value := range asked.Data {
		data[key] = string(value)
	}
	var written limited
	if err := parsed.Execute(&written, data); err != nil {
		return nil, err
	}
	return written.Bytes(), nil
}

type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > largestOutput {
		return 0, errors.New("oracle: too much output")
	}
	return l.Buffer.Write(p)
}

func hexdec(text string) string {
	decoded, err := hex.DecodeString(text)
	if err != nil {
		return err.Error()
	}
	return string(decoded)
}

func toYaml(value any) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func fromYaml(text string) map[string]any {
	parsed := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
		parsed["Error"] = err.Error()
	}
	return parsed
}
