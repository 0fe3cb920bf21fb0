package main

import (
	"errors"
	"strings"

	"github.com/tidwall/gjson"
)

type gjsonCase struct {
	JSON []byte `json:"json"`
	Path string `json:"path"`
	// Whether the path is a property, which external-secrets tries with its dots escaped first.
	IsProperty bool `json:"isProperty"`
}

var errMissing = errors.New("missing")

func (asked *gjsonCase) find() ([]byte, error) {
	payload, path := string(asked.JSON), asked.Path
	if asked.IsProperty && strings.Contains(path, ".") {
		escaped := strings.ReplaceAll(path, ".", "\\.")
		if gjson.Get(payload, escaped).Exists() {
			path = escaped
		}
	}
	found := gjson.Get(payload, path)
	if !found.Exists() {
		return nil, errMissing
	}
	return []byte(found.String()), nil
}
