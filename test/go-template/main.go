// Executes templates with Go's own text/template and Sprig: what template/ is compared with.
// Reads a JSON list of {template, data} and writes a JSON list of {output} (base64) or {error}.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

type request struct {
	Template string            `json:"template"`
	Data     map[string]string `json:"data"`
}

type answer struct {
	Output []byte `json:"output,omitempty"`
	Error  string `json:"error,omitempty"`
}

func main() {
	var requests []request
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		panic(err)
	}
	functions := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(functions, name)
	}
	answers := make([]answer, len(requests))
	for i, one := range requests {
		answers[i] = execute(functions, one)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func execute(functions template.FuncMap, one request) answer {
	parsed, err := template.New("t").Option("missingkey=error").Funcs(functions).Parse(one.Template)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var output bytes.Buffer
	if err := parsed.Execute(&output, one.Data); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Output: output.Bytes()}
}
