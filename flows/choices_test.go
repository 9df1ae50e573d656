package flows

import "testing"

func TestTheListIsAskedForInManyWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"liste", "La liste", "revoir la liste svp", "montrez-moi la liste", "Quels sont les choix ?", "je veux revoir les options", "répétez", "encore la liste",
		"lista 3afak", "bghit nchouf lista", "werrini lista", "3awd liya",
		"اللائحة", "عرض القائمة", "عاود ليا اللائحة عافاك", "وريني الليستا", "بغيت نشوف اللائحة", "ما هي الاختيارات؟", "المرجو إعادة اللائحة",
	} {
		if !asksForList(text) {
			t.Errorf("%q does not ask for the list", text)
		}
	}
	for _, text := range []string{"", "2", "miel", "encore", "merci", "je veux du miel", "liste des coopératives de miel", "annuler", "menu", "القائمة", "سلام", "بغيت العسل", "خيار"} {
		if asksForList(text) {
			t.Errorf("%q asks for the list", text)
		}
	}
}
