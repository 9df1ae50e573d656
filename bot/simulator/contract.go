package simulator

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The part of the published Bot API that the stand-in speaks, cut out of
// PaulSonOfLars/telegram-bot-api-spec by the test that compares the two.
//
//go:embed contracts/telegram.json
var telegramContractJSON []byte

// botAPI is the published contract of Telegram's Bot API: which methods there
// are, which fields each takes, and what its objects look like.
type botAPI struct {
	Source  string                `json:"source"`
	Version string                `json:"version"`
	Methods map[string]*apiMethod `json:"methods"`
	Types   map[string]*apiType   `json:"types"`
}

type apiMethod struct {
	Returns []string   `json:"returns"`
	Fields  []apiField `json:"fields,omitempty"`
}

type apiType struct {
	Fields []apiField `json:"fields,omitempty"`
	// Subtypes are the alternatives of a union; a union has no fields of its own.
	Subtypes []string `json:"subtypes,omitempty"`
}

type apiField struct {
	Name     string   `json:"name"`
	Types    []string `json:"types"`
	Required bool     `json:"required,omitempty"`
	// Const is the only value allowed ("Type of the media, must be photo").
	Const string `json:"const,omitempty"`
}

func loadBotAPI() (*botAPI, error) {
	api := &botAPI{}
	if err := json.Unmarshal(telegramContractJSON, api); err != nil {
		return nil, fmt.Errorf("reading the embedded Bot API contract: %w", err)
	}
	return api, nil
}

// checkRequest walks the parameters of one call. Strings may stand for numbers,
// booleans and JSON, as they do in a form; unknown parameters are refused,
// where the real server would ignore them and the bot would never know.
func (a *botAPI) checkRequest(method string, params map[string]any) error {
	m := a.Methods[method]
	if m == nil {
		return fmt.Errorf("method %s is not in the contract", method)
	}
	if err := a.checkFields(m.Fields, params, true); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}

// checkObject walks a value that the stand-in itself sends.
func (a *botAPI) checkObject(value any, types ...string) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %v: %w", types, err)
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return fmt.Errorf("decoding %v: %w", types, err)
	}
	return a.checkAny(plain, types, false)
}

func (a *botAPI) checkFields(fields []apiField, object map[string]any, form bool) error {
	for name := range object {
		if name == attachments {
			continue
		}
		if !slices.ContainsFunc(fields, func(f apiField) bool { return f.Name == name }) {
			return fmt.Errorf("unknown field %q", name)
		}
	}
	for _, f := range fields {
		value, given := object[f.Name]
		if !given || value == nil {
			if f.Required {
				return fmt.Errorf("field %q is required", f.Name)
			}
			continue
		}
		if err := a.checkAny(value, f.Types, form); err != nil {
			return fmt.Errorf("field %q: %w", f.Name, err)
		}
		if f.Const != "" && value != f.Const {
			return fmt.Errorf("field %q must be %q, not %v", f.Name, f.Const, value)
		}
	}
	return nil
}

func (a *botAPI) checkAny(value any, types []string, form bool) error {
	var errs []error
	for _, name := range types {
		err := a.checkType(value, name, form)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (a *botAPI) checkType(value any, name string, form bool) error {
	if inner, isArray := strings.CutPrefix(name, "Array of "); isArray {
		value = fromForm(value, form)
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%v is not a list", value)
		}
		for i, element := range list {
			if err := a.checkType(element, inner, false); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
	switch name {
	case "String":
		if _, ok := value.(string); !ok {
			return fmt.Errorf("%v is not a string", value)
		}
		return nil
	case "Integer":
		return checkInteger(value, form)
	case "Float":
		return checkFloat(value, form)
	case "Boolean", "True":
		return checkBoolean(value, form)
	case "InputFile":
		if _, ok := value.(upload); !ok {
			return fmt.Errorf("a file is expected")
		}
		return nil
	}
	t := a.Types[name]
	if t == nil {
		// A type that the cut-down contract does not hold: nothing is known of its shape.
		if form {
			return fmt.Errorf("%s is not in the stand-in's contract", name)
		}
		return nil
	}
	if len(t.Subtypes) > 0 {
		return a.checkAny(value, t.Subtypes, form)
	}
	object, ok := fromForm(value, form).(map[string]any)
	if !ok {
		return fmt.Errorf("%s is expected, not %v", name, value)
	}
	if err := a.checkFields(t.Fields, object, false); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// fromForm decodes the JSON that a form field carries as a string.
func fromForm(value any, form bool) any {
	text, ok := value.(string)
	if !form || !ok {
		return value
	}
	var decoded any
	if json.Unmarshal([]byte(text), &decoded) != nil {
		return value
	}
	return decoded
}

func checkInteger(value any, form bool) error {
	switch v := value.(type) {
	case float64:
		if v == math.Trunc(v) {
			return nil
		}
	case string:
		if form {
			if _, err := strconv.ParseInt(v, 10, 64); err == nil {
				return nil
			}
		}
	}
	return fmt.Errorf("%v is not an integer", value)
}

func checkFloat(value any, form bool) error {
	switch v := value.(type) {
	case float64:
		return nil
	case string:
		if form {
			if _, err := strconv.ParseFloat(v, 64); err == nil {
				return nil
			}
		}
	}
	return fmt.Errorf("%v is not a number", value)
}

func checkBoolean(value any, form bool) error {
	switch v := value.(type) {
	case bool:
		return nil
	case string:
		if form && (v == "true" || v == "false") {
			return nil
		}
	}
	return fmt.Errorf("%v is not a boolean", value)
}
