package simulator

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The parts of Twilio's published OpenAPI that the stand-in speaks, cut out of
// twilio/twilio-oai by the test that compares the two.
//
//go:embed contracts/twilio_messages.json
var twilioMessagesJSON []byte

//go:embed contracts/twilio_content.json
var twilioContentJSON []byte

// twilioSpec are the schemas of what comes in.
type twilioSpec struct {
	messages, content *openapi3.T
	create            *openapi3.Schema // a message
	newContent        *openapi3.Schema
	approval          *openapi3.Schema
	list              openapi3.Parameters
}

func loadTwilioSpec() (*twilioSpec, error) {
	spec := &twilioSpec{}
	var err error
	if spec.messages, err = loadOpenAPI(twilioMessagesJSON); err != nil {
		return nil, err
	}
	if spec.content, err = loadOpenAPI(twilioContentJSON); err != nil {
		return nil, err
	}
	messages := spec.messages.Paths.Value("/2010-04-01/Accounts/{AccountSid}/Messages.json")
	spec.create = messages.Post.RequestBody.Value.Content.Get(formType).Schema.Value
	spec.list = messages.Get.Parameters
	spec.newContent = spec.content.Paths.Value("/v1/Content").Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	spec.approval = spec.content.Paths.Value("/v1/Content/{ContentSid}/ApprovalRequests/whatsapp").Post.RequestBody.Value.Content.Get("application/json").Schema.Value
	return spec, nil
}

const formType = "application/x-www-form-urlencoded"

func loadOpenAPI(raw []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("reading an embedded Twilio contract: %w", err)
	}
	return doc, nil
}

// checkForm holds a form against a schema: types, patterns, enums, what is
// required; and refuses fields that the schema does not know.
func checkForm(schema *openapi3.Schema, form url.Values) error {
	object := map[string]any{}
	for name, values := range form {
		property := schema.Properties[name]
		if property == nil {
			return fmt.Errorf("unknown parameter %q", name)
		}
		value, err := formValue(property.Value, name, values)
		if err != nil {
			return err
		}
		object[name] = value
	}
	if err := schema.VisitJSON(object); err != nil {
		return schemaError(err)
	}
	return nil
}

func formValue(schema *openapi3.Schema, name string, values []string) (any, error) {
	if schema.Type.Is("array") {
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		return list, nil
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("parameter %q is given %d times", name, len(values))
	}
	text := values[0]
	var value any
	var err error
	switch {
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		value, err = strconv.ParseFloat(text, 64)
	case schema.Type.Is("boolean"):
		value, err = strconv.ParseBool(text)
	default:
		value = text
	}
	if err != nil {
		return nil, fmt.Errorf("parameter %q: %w", name, err)
	}
	return value, nil
}

// checkJSON holds a JSON body against a schema, unknown fields of its top refused.
func checkJSON(schema *openapi3.Schema, raw []byte) error {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return fmt.Errorf("the body is no JSON object: %w", err)
	}
	for name, value := range object {
		if schema.Properties[name] == nil {
			return fmt.Errorf("unknown field %q", name)
		}
		if inner, ok := value.(map[string]any); ok && len(schema.Properties[name].Value.Properties) > 0 {
			for kind := range inner {
				if schema.Properties[name].Value.Properties[kind] == nil {
					return fmt.Errorf("unknown field %q in %q", kind, name)
				}
			}
		}
	}
	if err := schema.VisitJSON(object); err != nil {
		return schemaError(err)
	}
	return nil
}

// checkQuery holds a list's query against its parameters. PageToken and the like
// come back out of the next_page_uri.
func checkQuery(parameters openapi3.Parameters, query url.Values) error {
	for name, values := range query {
		i := slices.IndexFunc(parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" && p.Value.Name == name })
		if i < 0 {
			return fmt.Errorf("unknown parameter %q", name)
		}
		value, err := formValue(parameters[i].Value.Schema.Value, name, values)
		if err != nil {
			return err
		}
		if err := parameters[i].Value.Schema.Value.VisitJSON(value); err != nil {
			return fmt.Errorf("parameter %q: %w", name, schemaError(err))
		}
	}
	return nil
}

// schemaError says what is wrong in one line, without the schema.
func schemaError(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\nSchema:")
	return fmt.Errorf("%s", strings.ReplaceAll(text, "\n", " "))
}
