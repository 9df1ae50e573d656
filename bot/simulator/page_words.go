package simulator

// words are what the page itself says; what Souk says comes over the channels.
type words map[string]string

func pageWords() map[string]words {
	return map[string]words{
		"fr": {
			"title": "simulateur", "other": "العربية", "channels": "Canaux",
			"hint":         "Trois téléphones, une seule personne ou trois : écrivez comme un client.",
			"hint_seller":  "Trois téléphones pour commander, et celui d’une coopérative : ce qu’elle met en vente se commande à côté.",
			"label_seller": "Coopérative",
			"name":         "Nom", "number": "Numéro", "language": "Langue",
			"more": "Plus", "photo": "Photo", "samplePhoto": "Photo d’exemple", "document": "Fichier", "location": "Ma position", "contact": "Mon numéro", "sticker": "Autocollant",
			"block": "Bloquer Souk", "unblock": "Débloquer Souk", "conversation": "Conversation", "choose": "Choisir", "close": "Fermer",
			"write": "Message", "send": "Envoyer", "erase": "Effacer", "start": "Démarrer", "segments": "Longueur du SMS", "voice": "Note vocale", "voiceHint": "appuyez pour envoyer",
			"keypad": "Clavier", "reply": "Répondre", "edit": "Modifier", "edited": "modifié", "typing": "écrit", "tooBig": "La photo dépasse 20 Mo.",
			"sent": "envoyé", "delivered": "reçu", "read": "lu",
			"subtitle_telegram": "bot", "subtitle_whatsapp": "Compte professionnel", "subtitle_sms": "",
			"empty_telegram": "Écrivez « bonjour », ou bien « bghit zit l3oud ».",
			"empty_whatsapp": "Dites ce que vous cherchez : du miel, de l’huile d’argan, un tapis…",
			"empty_sms":      "Envoyez MENU, ou le nom d'un produit.",
			"empty_seller":   "Pour vendre : une photo et une phrase. « Verveine séchée 50 g 25 dh, 12 sachets »",
		},
		"ar": {
			"title": "المحاكي", "other": "Français", "channels": "القنوات",
			"hint":         "ثلاثة هواتف لشخص واحد أو لثلاثة: المرجو الكتابة كأي زبون.",
			"hint_seller":  "ثلاثة هواتف للطلب وهاتف تعاونية: ما تعرضه للبيع يمكن طلبه من الهواتف الأخرى.",
			"label_seller": "التعاونية",
			"name":         "الاسم", "number": "الرقم", "language": "اللغة",
			"more": "المزيد", "photo": "صورة", "samplePhoto": "صورة للتجربة", "document": "ملف", "location": "موقعي", "contact": "رقمي", "sticker": "ملصق",
			"block": "حظر Souk", "unblock": "رفع الحظر عن Souk", "conversation": "المحادثة", "choose": "اختيار", "close": "إغلاق",
			"write": "رسالة", "send": "إرسال", "erase": "مسح", "start": "بدء", "segments": "طول الرسالة", "voice": "رسالة صوتية", "voiceHint": "الضغط للإرسال",
			"keypad": "لوحة الأرقام", "reply": "رد", "edit": "تعديل", "edited": "معدلة", "typing": "جار الكتابة", "tooBig": "الصورة أكبر من 20 ميغا.",
			"sent": "أرسلت", "delivered": "وصلت", "read": "قرئت",
			"subtitle_telegram": "بوت", "subtitle_whatsapp": "حساب تجاري", "subtitle_sms": "",
			"empty_telegram": "المرجو كتابة «سلام»، أو «بغيت زيت العود».",
			"empty_whatsapp": "ماذا تريدون؟ عسل، زيت أركان، زربية…",
			"empty_sms":      "المرجو إرسال: قائمة، أو اسم منتوج.",
			"empty_seller":   "للبيع: صورة وجملة. «لويزة مجففة 50 غرام 25 درهما، 12 كيسا»",
		},
	}
}
