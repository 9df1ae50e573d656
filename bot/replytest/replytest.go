// Package replytest holds the replies that every renderer's golden test says, so that the three can be read side by side.
package replytest

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"souk/flows"
)

// Named is a reply with the name that heads it in the golden file.
type Named struct {
	Name  string
	Reply flows.Reply
}

// Rich are replies as flows make them for channels that show more than letters: isolates, pictograms, bold.
func Rich() []Named {
	return []Named{
		{"tells", flows.Reply{Lang: "fr", Text: "Votre numéro est noté."}},
		{"menu", flows.Reply{Lang: "fr", Prompt: "k3", Text: "Bienvenue au Souk, \u2068Amina\u2069 🌿\n\nQue cherchez-vous ?", Hint: "Répondez 1, 2 ou 3.",
			Options: options("q:k3:", "Acheter", "Suivre", "Aide")}},
		{"menu, Arabic", flows.Reply{Lang: "ar", Prompt: "k4", Text: "مرحبا بكم في السوق، \u2068Rosa Aït\u2069 🌿\n\nعم تبحثون؟", Hint: "للاختيار: 1 أو 2 أو 3",
			Options: options("q:k4:", "شراء", "تتبع الطلبية", "مساعدة")}},
		{"card", flows.Reply{Lang: "fr", Prompt: "k5", Photo: "p/miel.jpg",
			Text:    "**Miel de thym 250 g**\n120 dh · 8 en stock\nCoopérative \u2068Tifaouine\u2069, Azilal\n\nCombien en voulez-vous ?",
			Options: options("q:k5:", "1 pot", "2 pots", "Autre quantité")}},
		{"list", flows.Reply{Lang: "fr", Prompt: "k6", Text: "3 miels trouvés.", ListButton: "Voir les miels", Hint: "Répondez 1, 2 ou 3.", Options: []flows.Option{
			{Payload: "q:k6:p12", Label: "Miel de thym", Detail: "250 g · 120 dh · Azilal", Number: 1},
			{Payload: "q:k6:p13", Label: "Miel d'euphorbe", Detail: "500 g · 240 dh · Tiznit", Number: 2},
			{Payload: "q:k6:p14", Label: "Miel de romarin des hauts plateaux de l'Oriental", Detail: "1 kg · 380 dh · Figuig, coopérative féminine", Number: 3},
		}}},
		{"list, Arabic", flows.Reply{Lang: "ar", Prompt: "k7", Text: "وجدنا نوعين من العسل.", ListButton: "عرض العسل", Hint: "للاختيار: 1 أو 2", Options: []flows.Option{
			{Payload: "q:k7:p12", Label: "عسل الزعتر", Detail: "250 غ · 120 درهما · أزيلال", Number: 1},
			{Payload: "q:k7:p13", Label: "عسل الدغموس", Detail: "500 غ · 240 درهما · تزنيت", Number: 2},
		}}},
		{"long list", flows.Reply{Lang: "fr", Prompt: "k8", Text: "Dans quelle région ?", Hint: "Répondez par un numéro.", Options: options("q:k8:",
			"Tanger-Tétouan", "L'Oriental", "Fès-Meknès", "Rabat-Salé", "Béni Mellal", "Casablanca", "Marrakech", "Drâa-Tafilalet",
			"Souss-Massa", "Guelmim", "Laâyoune", "Dakhla")}},
		{"asks for a phone", flows.Reply{Lang: "fr", Prompt: "k9", Text: "À quel numéro vous appeler ?", Ask: flows.AskContact, AskLabel: "Envoyer mon numéro",
			Options: options("q:k9:", "Retour")}},
		{"review", flows.Reply{Lang: "ar", Prompt: "m1", Text: "**طلبيتكم**\n2 × عسل الزعتر 250 غ · 240 درهما\n1 × زيت أركان 500 مل · 160 درهما\nالتوصيل · 20 درهما\n" +
			"**المجموع: 420 درهما عند الاستلام**\nالخميس 3 دجنبر، 10–18، \u2068Épicerie Hassan\u2069\n\nهل نؤكد؟", Hint: "للموافقة: 1", Options: options("q:m1:", "نعم", "تغيير", "مكان آخر")}},
		{"hostile", flows.Reply{Lang: "fr", Prompt: "m2", Text: "Nom : \u2068<b>&amp;</i> **x** *y* _z_ </b>\u2069\n** a **b** {{1}} \x00fin\tlà", Options: []flows.Option{
			{Payload: "q:m2:<&>", Label: "<script>&\"'", Number: 1},
			{Payload: strings.Repeat("x", 65), Label: "Trop longue charge", Number: 2},
		}}},
		{"long text", flows.Reply{Lang: "fr", Prompt: "m3", Photo: "p/x.jpg", Text: paragraphs(45), Options: options("q:m3:", "Continuer")}},
	}
}

// Plain are replies as flows make them for SMS.
func Plain() []Named {
	return []Named{
		{"tells", flows.Reply{Lang: "fr", Text: "Votre numéro est noté."}},
		{"menu", flows.Reply{Lang: "fr", Text: "Bienvenue au Souk.\nQue cherchez-vous ?", Options: options("q:k3:", "Acheter", "Suivre", "Aide"), Hint: "Tapez 1, 2 ou 3."}},
		{"menu, Arabic", flows.Reply{Lang: "ar", Text: "مرحبا بكم في السوق.\nعم تبحثون؟", Options: options("q:k4:", "شراء", "تتبع الطلبية", "مساعدة"), Hint: "للاختيار: 1 أو 2 أو 3"}},
		{"typographic signs go", flows.Reply{Lang: "fr", Text: "**Miel d’euphorbe** « fort » – 2 pots à prendre bientôt… 🍯"}},
		{"long list", flows.Reply{Lang: "fr", Text: "12 miels.", MoreHint: "Suite : tapez PLUS", Hint: "Tapez un numéro.", Options: details("Miel de thym", "250 g, 120 dh, Azilal", 12)}},
		{"long list, Arabic", flows.Reply{Lang: "ar", Text: "وجدنا 9 أنواع من العسل.", MoreHint: "للمزيد: المزيد", Options: details("عسل الزعتر الحر", "250 غ، 120 درهما", 9)}},
		{"long text", flows.Reply{Lang: "fr", Text: paragraphs(9), MoreHint: "Suite : tapez PLUS"}},
		{"one word", flows.Reply{Lang: "ar", Text: strings.Repeat("ع", 450), MoreHint: "المزيد"}},
		{"an option beyond a message", flows.Reply{Lang: "fr", Text: "Lequel ?", MoreHint: "PLUS", Options: []flows.Option{
			{Payload: "q:1", Label: strings.Repeat("Miel ", 80), Detail: "120 dh", Number: 1}, {Payload: "q:2", Label: "Huile", Number: 2},
			{Payload: "add:P12", Label: "Ajouter"}}}},
	}
}

func options(prefix string, labels ...string) []flows.Option {
	var all []flows.Option
	for i, label := range labels {
		all = append(all, flows.Option{Payload: prefix + strconv.Itoa(i+1), Label: label, Number: i + 1})
	}
	return all
}

func details(label, detail string, count int) []flows.Option {
	var all []flows.Option
	for i := 1; i <= count; i++ {
		n := strconv.Itoa(i)
		all = append(all, flows.Option{Payload: "q:x:" + n, Label: label + " " + n, Detail: detail, Number: i})
	}
	return all
}

func paragraphs(count int) string {
	var all []string
	for i := 1; i <= count; i++ {
		all = append(all, "Paragraphe "+strconv.Itoa(i)+" : la coopérative **de la vallée** récolte, trie et met en pot à la main, puis attend la tournée.")
	}
	return strings.Join(all, "\n")
}

// Updating is true under go test -update.
func Updating() bool {
	set := flag.Lookup("update")
	return set != nil && set.Value.String() == "true"
}

// Golden compares what was rendered with testdata/name, or rewrites that under -update.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if Updating() {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range gotLines {
		if i >= len(wantLines) || gotLines[i] != wantLines[i] {
			t.Fatalf("%s differs at line %d (go test -update rewrites it):\n got %q\nwant %q", path, i+1, gotLines[i], at(wantLines, i))
		}
	}
	t.Fatalf("%s goes on where the rendering ends, at line %d", path, len(gotLines))
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}
