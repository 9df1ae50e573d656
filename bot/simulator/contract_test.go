package simulator

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// SOUK_CONTRACTS=DIR go test ./bot/simulator -run Contract -update-contracts cuts
// the embedded contracts out of the full ones again.
var updateContracts = flag.Bool("update-contracts", false, "rewrite the embedded contracts from the full ones")

// fullContract returns the published contract out of the directory that
// SOUK_CONTRACTS names, nil where it names none.
func fullContract(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("SOUK_CONTRACTS")
	if dir == "" {
		t.Logf("SOUK_CONTRACTS names no directory with the full %s: only the embedded contract is checked", name)
		return nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatalf("SOUK_CONTRACTS is set, but: %v", err)
	}
	return raw
}

// sameContract compares the embedded contract with what is cut from the full one.
func sameContract(t *testing.T, path string, embedded []byte, cut any) {
	t.Helper()
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(cut); err != nil {
		t.Fatal(err)
	}
	if *updateContracts {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(embedded, want.Bytes()) {
		t.Errorf("%s differs from the published contract: rewrite it with -update-contracts and look at the difference", path)
	}
}

// What the stand-in speaks. Everything that requests can carry is kept whole.
func keptTelegramMethods() []string {
	return []string{
		"getMe", "setWebhook", "deleteWebhook", "getWebhookInfo", "setMyCommands", "getMyCommands", "deleteMyCommands",
		"sendMessage", "sendPhoto", "sendMediaGroup", "sendVoice", "sendChatAction", "editMessageText",
		"editMessageReplyMarkup", "editMessageCaption", "editMessageMedia", "deleteMessage", "answerCallbackQuery", "getFile",
	}
}

// Types of what the stand-in sends; of the others a reader knows only the name.
func keptTelegramTypes() []string {
	return []string{
		"Update", "Message", "Chat", "User", "CallbackQuery", "MaybeInaccessibleMessage", "InaccessibleMessage", "PhotoSize", "Voice",
		"Contact", "Location", "Sticker", "File", "WebhookInfo", "ChatMemberUpdated", "ChatMember", "ChatMemberMember",
		"ChatMemberBanned", "ChatMemberOwner", "ChatMemberAdministrator", "ChatMemberRestricted", "ChatMemberLeft", "ResponseParameters",
	}
}

func TestContractOfTelegramIsThePublishedOne(t *testing.T) {
	t.Parallel()
	raw := fullContract(t, "telegram_bot_api.json")
	if raw == nil {
		api, err := loadBotAPI()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range keptTelegramMethods() {
			if api.Methods[name] == nil {
				t.Errorf("the embedded contract has no method %s", name)
			}
		}
		for _, name := range keptTelegramTypes() {
			if api.Types[name] == nil {
				t.Errorf("the embedded contract has no type %s", name)
			}
		}
		return
	}
	type fullField struct {
		apiField
		Description string `json:"description"`
	}
	var full struct {
		Version string
		Methods map[string]struct {
			Returns []string
			Fields  []fullField
		}
		Types map[string]struct {
			Fields   []fullField
			Subtypes []string
		}
	}
	if err := json.Unmarshal(raw, &full); err != nil {
		t.Fatal(err)
	}
	constant := regexp.MustCompile(`(?:must be|always) [“"]?([a-z_]+)[”"]?$`)
	cutFields := func(fields []fullField) (out []apiField) {
		for _, f := range fields {
			if f.Name == "type" || f.Name == "status" {
				if m := constant.FindStringSubmatch(f.Description); m != nil {
					f.Const = m[1]
				}
			}
			out = append(out, f.apiField)
		}
		return out
	}
	cut := botAPI{
		Source:  "PaulSonOfLars/telegram-bot-api-spec, cut to what the stand-in speaks",
		Version: full.Version,
		Methods: map[string]*apiMethod{},
		Types:   map[string]*apiType{},
	}
	var keep func(name string, deep bool)
	keep = func(name string, deep bool) {
		for strings.HasPrefix(name, "Array of ") {
			name = strings.TrimPrefix(name, "Array of ")
		}
		t, known := full.Types[name]
		if !known || cut.Types[name] != nil || name == "InputFile" {
			return
		}
		cut.Types[name] = &apiType{Fields: cutFields(t.Fields), Subtypes: t.Subtypes}
		if !deep {
			return
		}
		for _, sub := range t.Subtypes {
			keep(sub, true)
		}
		for _, f := range t.Fields {
			for _, inner := range f.Types {
				keep(inner, true)
			}
		}
	}
	for _, name := range keptTelegramMethods() {
		m := full.Methods[name]
		cut.Methods[name] = &apiMethod{Returns: m.Returns, Fields: cutFields(m.Fields)}
		for _, f := range m.Fields {
			for _, inner := range f.Types {
				keep(inner, true)
			}
		}
	}
	for _, name := range keptTelegramTypes() {
		keep(name, false)
	}
	sameContract(t, "contracts/telegram.json", telegramContractJSON, cut)
}

func TestContractOfTwilioIsThePublishedOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		full, path string
		embedded   []byte
		paths      map[string][]string
	}{
		{"twilio_messages.json", "contracts/twilio_messages.json", twilioMessagesJSON, map[string][]string{
			"/2010-04-01/Accounts/{AccountSid}/Messages.json":                          {"post", "get"},
			"/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json":                    {"get"},
			"/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media.json":       {"get"},
			"/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json": {"get"},
		}},
		{"twilio_content_v1.json", "contracts/twilio_content.json", twilioContentJSON, map[string][]string{
			"/v1/Content":                        {"post", "get"},
			"/v1/Content/{Sid}":                  {"get", "delete"},
			"/v1/Content/{Sid}/ApprovalRequests": {"get"},
			"/v1/Content/{ContentSid}/ApprovalRequests/whatsapp": {"post"},
		}},
	} {
		raw := fullContract(t, c.full)
		if raw == nil {
			var doc struct {
				Paths map[string]map[string]any
			}
			if err := json.Unmarshal(c.embedded, &doc); err != nil {
				t.Fatal(err)
			}
			for path, methods := range c.paths {
				for _, method := range methods {
					if doc.Paths[path][method] == nil {
						t.Errorf("%s has no %s %s", c.path, method, path)
					}
				}
			}
			continue
		}
		sameContract(t, c.path, c.embedded, cutOpenAPI(t, raw, c.full, c.paths))
	}
}

// cutOpenAPI keeps the named operations and what they refer to, without prose.
func cutOpenAPI(t *testing.T, raw []byte, source string, kept map[string][]string) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	paths := map[string]any{}
	for path, methods := range kept {
		full, ok := doc["paths"].(map[string]any)[path].(map[string]any)
		if !ok {
			t.Fatalf("%s has no path %s", source, path)
		}
		operations := map[string]any{}
		for _, method := range methods {
			operations[method] = withoutProse(full[method], false)
		}
		paths[path] = operations
	}
	components := doc["components"].(map[string]any)
	schemas, named := map[string]any{}, regexp.MustCompile(`#/components/schemas/([^"]+)"`)
	var follow func(v any)
	follow = func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(text, -1) {
			name := string(m[1])
			if schemas[name] == nil {
				schemas[name] = withoutProse(components["schemas"].(map[string]any)[name], false)
				follow(schemas[name])
			}
		}
	}
	follow(paths)
	return map[string]any{
		"openapi":    doc["openapi"],
		"info":       map[string]any{"title": "twilio/twilio-oai, cut to what the stand-in speaks", "version": doc["info"].(map[string]any)["version"]},
		"paths":      paths,
		"components": map[string]any{"schemas": schemas, "securitySchemes": components["securitySchemes"]},
	}
}

// withoutProse drops descriptions, examples and Twilio's own extensions. The
// keys of a "properties" object are names of fields and stay.
func withoutProse(v any, names bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			if !names {
				switch key {
				case "examples", "example", "x-twilio", "headers", "summary", "tags":
					continue
				case "description":
					// OpenAPI wants one in each response.
					if _, isSchema := v["type"]; !isSchema && v["content"] != nil {
						out[key] = inner
					}
					if len(v) == 1 || (v["content"] == nil && v["headers"] != nil) {
						out[key] = inner
					}
					continue
				}
			}
			out[key] = withoutProse(inner, !names && key == "properties")
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutProse(v[i], false)
		}
		return out
	}
	return v
}
