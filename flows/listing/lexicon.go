package listing

import (
	"strings"
	"sync"

	"souk/locales"
)

// meaning is what a word or phrase does in a caption beside naming goods.
type meaning uint64

const (
	priceWord   meaning = 1 << iota // prix, ثمن: a price follows
	atWord                          // à, b, ب: a price may follow
	stockWord                       // stock, reste, باقي: a count follows
	haveWord                        // j'ai, 3andi, كاين: a count, or goods, may follow
	leftWord                        // disponibles, متوفرة: a count may stand before
	perWord                         // par, /, le: what the price is for
	wasWord                         // au lieu de, kan: the older price follows
	nowWord                         // maintenant, promo: the newer price follows
	fromWord                        // à partir de, ابتداء من
	moreWord                        // et plus, لفوق
	betweenWord                     // entre, بين, de, من: a span of prices may follow
	toWord                          // à, حتى, -
	lotWord                         // lot, pack, مجموعة: a count of pieces follows
	boxWord                         // boîte, carton, علبة: the same, with "of"
	craftWord                       // panier, sac, plateau: goods themselves where nothing is in them
	ofWord                          // de, ديال, من
	andWord                         // et, و, w
	sizeWord                        // pointure, taille: a number that is no amount follows
	spanWord                        // cm, mètre: the number before is a dimension
	yearWord                        // récolte, saison, موسم
	monthWord                       // octobre, أكتوبر
	dayWord                         // jours, أيام
	weekWord                        // semaine
	hourWord                        // heures
	partsWord                       // grains, حبوب, couleurs: the number before belongs to the name
	orderMade                       // sur commande, تحت الطلب
	preOrder                        // précommande
	seasonWord                      // de saison
	weighed                         // au poids, بالميزان
	aboutWord                       // environ, تقريبا
	leastWord                       // minimum
	freightWord                     // livraison, توصيل
	contactWord                     // tél, appelez, للتواصل
	sellWord                        // à vendre, للبيع
	greetWord                       // bonjour, سلام
	thanksWord                      // merci, شكرا
	askWord                         // comment, واش
	wantWord                        // je veux, بغيت
	adminWord                       // virement, photo, الطلبية
	otherWord                       // words of conversation that no listing holds
	fillWord                        // svp, très, بزاف: nothing
	praise                          // 100 % naturel, nouveau: not of the name
	dirham                          // currencies
	ryal
	franc
	million
	uniqueWord // unique, وحيدة
	bulkWord   // en gros, بالجملة: the price of many
)

// nameless words are no part of a title wherever they stand.
const nameless = priceWord | stockWord | haveWord | leftWord | wasWord | nowWord | fromWord | moreWord | lotWord | sizeWord | spanWord | monthWord | dayWord |
	weekWord | hourWord | orderMade | preOrder | seasonWord | weighed | aboutWord | leastWord | freightWord | contactWord | sellWord | greetWord | thanksWord |
	fillWord | praise | dirham | ryal | franc | million | uniqueWord | yearWord | bulkWord

// wordList is one line of a lexicon: phrases, separated by commas or new lines, with one meaning.
type wordList struct {
	meaning meaning
	words   string
}

// wordLists are the words as people write them, phrases separated by commas. Case, accents, doubled letters, hamzas and the article
// fold together (see key).
var wordLists = []wordList{
	{priceWord, `prix, le prix, prix unitaire, prix fixe, au prix de, tarif, price, taman, tman, thaman, atman, tamane, souma, souma dyalo, ثمن, تمن, الثمن, بثمن, بتمن, ثمنها, ثمنه, تمنها, سعر, بسعر, سومة, السومة, ثمن الوحدة, سعر الوحدة, ثمن البيع, valeur, coûte, coute, كيسوى, تساوي, بقيمة`},
	{atWord, `b, a, à, be, bi, pour, pr, ب, ghir b, ghi b, غير ب, @, =`},
	{toWord, `a, à, jusqu'à, jusqua, حتى, إلى, الى, ل, l, hta, 7ta, 7tta, hetta, 7etta, hta l, 7ta l, 7tta l, hetta l, حتى ل, حتال, tal, tta l, to, لغاية`},
	{betweenWord, `entre, de, du, بين, ما بين, مابين, من, mn, men, min, bin, ma bin, mabin, from`},
	{fromWord, `à partir de, a partir de, a partir d', à partir d', à partir, dès, ابتداء من, إبتداء من, ابتداءا من, انطلاقا من, بدءا من, كتبدا من, bda mn, ibtida2an min, katbda mn, kaybda mn, from, plus de, au delà de, فوق, أكثر من, اكثر من, kter mn, ktar mn, كثر من, اكتر من, si plus de, partir de, pour plus de`},
	{moreWord, `et plus, ou plus, et +, لفوق, فما فوق, فأكثر, فاكثر, أو أكثر, او اكثر, l fo9, l fou9, lfo9, lfou9, lfoq, l foq, w kter, wkter, wlla kter, ولا كثر, وكثر, w ktar, pièces et plus`},
	{stockWord, `stock, stok, stoc, lstock, stock disponible, stock dispo, quantite, quantité, quantite disponible, quantité en stock, qte, qté, qtt, qt, qtite, quantité totale, reste, il reste, il en reste, il me reste, il m'en reste, il nous reste, il nous en reste, restent, restant, en reste, reste encore, reste que, reste seulement, plus que, encore,
		dernier, derniers, dernière, dernières, les derniers, en tout, nombre, nbre, nbr, total,
		ستوك, سطوك, السطوك, الستوك, فالستوك, مخزون, المخزون, كمية, الكمية, الكمية المتوفرة, الكمية المتاحة, الكمية الموجودة, العدد, عدد القطع, باقي, الباقي, باقية, باقين, باقا, باقيين, بقا, بقى, بقات, بقاو, بقاو ليا, بقا ليا, باقي ليا, باقي لينا, بقيت, بقي, تبقى, تبقت, تبقات, يتبقى, متبقي, المتبقي, متبقية, باقي عندي, باقي عندنا, باقي غير, بقات غير, باقي كاين, مازال عندي, مازال كاين, مازال, ما زال, لم يتبق سوى, لم يبق سوى, لم يتبق إلا, آخر, اخر,
		ba9i, baqi, ba9a, ba9in, ba9ya, ba9yin, bqa, b9a, b9at, b9aw, b9aou, b9ali, b9a lia, b9a liya, b9aw liya, baki, ba9i 3andi, ba9i ghir, ba9i liya, ba9i lina, ba9i kayn, mazal, mazal 3andi, mazal kayn, kmia, kmiya, kemiya, kamiya, kimiya, l7sab, akhir, lmojoud, lmojod, الموجود`},
	{haveWord, `j'ai, j ai, j'en ai, j en ai, jen ai, on en a, nous en avons, il en reste, il y en a, y en a, nous avons, on a, nous disposons de, avec, seulement, il y a, ya, y a, disponibilité, disponibilite, عندي, عندنا, كاين, كاينة, كاينين, لدي, لدينا, يوجد, توجد, يتوفر, تتوفر, نتوفر على, أتوفر على, هناك, فيه, عندي منها, عندي منو, عندي منه, عندنا منو, عندنا منها, متوفرين على, غير, فقط, تتوفر لدينا, يتوفر لدينا, متوفر لدينا, واجد, واجدة, واجدين,
		3andi, 3endi, 3ndi, andi, 3andna, 3endna, 3ndna, kayn, kayna, kaynin, kain, kaina, kaynine, kayen, kayn mnha, kayn mnno, 3andi mnha, 3andi mnno, ghir, ghi, wajed, wajda, wajdin, 3ndi mno, 3andi mno`},
	{leftWord, `disponible, disponibles, dispo, dispos, disponnible, en stock, f stock, f lstock, fstock, restants, restantes, restant, restante, متوفر, متوفرة, متوفره, متوفرين, متوفرات, المتوفر, المتوفرة, متاح, متاحة, المتاح, موجود, موجودة, موجودين, في المخزون, في الستوك, فالستوك, mojoud, mawjoud, mwjoud, mojouda, mojoudin, motawafir, motawafira, moutawafir, mtwafer, mtwafra, prêt, prêts, prêtes, جاهزة, جاهز, b9aw, باقية, باقين, ba9in, ba9ya, متبقية, متبقي, kaynin, kayna, كاينين, كاينة, au total, en tout`},
	{perWord, `par, le, la, les, l', chaque, l, el, للـ, لكل, لل, كل, per, pour chaque, kol, dyal, ديال, pour, f, في, ف`},
	{wasWord, `au lieu de, au lieu d', aulieu de, lieu de, avant, ancien prix, ancien, était, etait, était à, kan, kan b, kant, kant b, kanet, kano, كان, كانت, كان ب, كانت ب, كانو, كانوا, بدل, بدلا من, بدلا عن, عوض, عوضا عن, عوض من, عوضا من, بدال, f blast, fblast, flasst, في بلاصة, فبلاصة, بلاصة, badal, badel, 3iwad, 3awd, 3iwd, 3wad, عوط, السابق, سابقا, ثمن قديم, الثمن القديم, barré, السعر القديم`},
	{nowWord, `maintenant, promo, promotion, en promo, en promotion, solde, soldes, soldé, offre, offre spéciale, nouveau prix, remise, prix promo, prix promotionnel, aujourd'hui, daba, db, dab, دابا, دبا, الآن, الان, حاليا, تخفيض, بروموسيون, برومو, العرض, عرض, عرض خاص, الثمن الجديد, تمن جديد, السعر الجديد, اليوم, lyoum, wellat, wella b, ولات, ولا ب, ولى ب, wllat, wla b, sar, صار, أصبح, اصبح, nzel, نزل, هبط, hbet, passe à, passé à, baisse à, rabais, tkhfid, takhfid, désormais, desormais`},
	{lotWord, `lot, lots, pack, packs, ensemble, ensembles, set, sets, service, assortiment, kit, kits, مجموعة, مجموعات, المجموعة, طقم, أطقم, طاقم, الطقم, تشكيلة, سيرفيس, سيرفيز, majmou3a, mejmou3a, mjmou3a, ta9m, taqm, te9m, طقوم, الباك, باك`},
	{boxWord, `boite, boîte, boites, carton, cartons, paquet, paquets, coffret, coffrets, plateau, plateaux, caisse, caisses, sachet, sachets, plaque, plaques, barquette, barquettes, علبة, علب, العلبة, صندوق, كرطونة, كارطونة, كرتونة, باقة, طبق, باكية, رزمة, ربطة, 3elba, 3olba, 3lba, sandou9, kartona, pakiya, bakiya, plato, بلاطو, بوكي`},
	{craftWord, `panier, paniers, sac, sacs, plateau, plateaux, coffret, coffrets, jarre, jarres, bouquet, bouquets, boite, boites, seau, seaux, سلة, سلال, جرة, جرار, صندوق, صناديق, طبق, أطباق, باقة, باقات, boukal, filet, pochette, pochettes, سطل, sella, sandou9, panier garni, tube, plaquette, tablette, طرف, stal, خنشة, flacon, khabiya, ظرف`},
	{ofWord, `de, d', du, des, d, dyal, dial, diel, dyel, ديال, من, mn, men, of, د, دال, fih, fiha, فيه, فيها, contenant, تحتوي على, يحتوي على, مكونة من, مكون من, composé de, composée de, avec`},
	{andWord, `et, و, w, o, ou, u, &, +, aussi, ou bien, wla, ولا, أو`},
	{sizeWord, `pointure, pointures, taille, tailles, numero, numéro, n°, no, num, مقاس, مقاسات, قياس, رقم, 9yas, 9iyas, qyas, nemra, nmra, نمرة, ref, réf, référence, reference, code, ages, âge, lot n°`},
	{spanWord, `cm, cms, mm, m, metre, mètre, metres, mètres, metro, mitro, mitrou, metrou, متر, مترا, امتار, أمتار, سم, سنتيمتر, سنتمتر, سنتيم متر, ميترو, ميطرو, صانتيم, santimetre, centimetre, centimètres, m2, inch, pouces, مترين, مم, ملم, متر مربع`},
	{yearWord, `recolte, récolte, recolte de, cuvée, annee, année, محصول, المحصول, محصول سنة, موسم, الموسم, عام, سنة, غلة, الغلة, ghella, ghlla, 3am, ma7soul, mahsoul, mousim, mawsim, moussem, saison, nouvelle récolte, nouvelle recolte, récolte nouvelle, المحصول الجديد, محصول جديد, من المحصول الجديد, جني, جنية, jnya`},
	{monthWord, `janvier, fevrier, février, mars, avril, mai, juin, juillet, aout, août, septembre, octobre, novembre, decembre, décembre, يناير, فبراير, مارس, أبريل, ابريل, ماي, مايو, يونيو, يوليوز, يوليو, غشت, أغسطس, شتنبر, سبتمبر, أكتوبر, اكتوبر, نونبر, نوفمبر, دجنبر, ديسمبر, yanayer, abril, yulyuz, ghocht, chotanbir, oktobr, nuwanbir, dujanbir`},
	{dayWord, `jour, jours, j, يوم, أيام, ايام, يوما, iyam, ayam, yam, nhar, yom, youm, ليام, lyam, nharat, يومين, jours ouvrables`},
	{weekWord, `semaine, semaines, أسبوع, أسابيع, أسبوعين, سيمانة, simana, simanat, semana, سيمانات`},
	{hourWord, `h, heure, heures, ساعة, ساعات, sa3a, swaye3, min, minutes, mn, ans, an, mois, شهر, أشهر, شهور, سنوات, عام, chhor, chhar, sana, ch9of`},
	{partsWord, `grains, grain, cereales, céréales, céréale, saveurs, saveur, couleurs, couleur, couverts, personnes, places, étages, etages, etage, épices, plantes, herbes, fleurs, fruits, حبوب, أنواع, انواع, ألوان, اعشاب, أعشاب, طبقات, أشخاص, 7boub, 7bob, hboub, hbob, anwa3, nou3, lwan, alwan, noix, étoiles, branches, bras, feuilles, compartiments, poches, faces, motifs, morceaux, carats, عيار, noeuds, brins, ingrédients, مكونات, طوابق, graines, 7abat, nekhat, نكهات, variétés, types, modèles, sortes`},
	{orderMade, `sur commande, a la commande, à la commande, en commande, sur demande, à la demande, fait sur mesure, sur mesure, 3la commande, 3la lcommande, 3la la commande, 3la talab, 3la talb, ta7t talab, taht talab, b talab, b la commande, b commande, تحت الطلب, على الطلب, حسب الطلب, عند الطلب, بالطلب, بالطلبية, على طلب, علا الطلب, بالكوموند, على الكوموند, تحت الطلبية, délai, delai, délai de fabrication, délai de confection, مدة الإنجاز, مدة الصنع, خلال`},
	{preOrder, `precommande, précommande, pré commande, pre commande, en précommande, pré-commande, réservation, reservation, réservez, réserver, reservez, حجز مسبق, الحجز المسبق, الحجز, احجز, احجزو, احجزوا, طلب مسبق, l7ajz, 7jz, 7ajz, lhjz, hjez, 7jez`},
	{seasonWord, `de saison, en saison, pendant la saison, fruit de saison, موسمي, موسمية, في الموسم, فالموسم, f lmousim, فقط في الموسم`},
	{weighed, `au poids, vendu au poids, vendue au poids, vendus au poids, à la pesée, a la pesee, au détail, selon poids, selon le poids, حسب الوزن, بالوزن, بالميزان, b lmizan, blmizan, b lwazn, بالكيلوغرام, يباع بالوزن, hsab lmizan, 7sab lmizan, حساب الميزان`},
	{aboutWord, `environ, env, à peu près, autour de, approximativement, تقريبا, حوالي, حوالى, نحو, ta9riban, taqriban, t9riban, 7awali, hawali, ~`},
	{leastWord, `minimum, min, mini, minimum de commande, commande minimum, commande minimale, au moins, الحد الأدنى, حد أدنى, على الأقل, 3la l2a9al, 3la la9al, أقل طلبية`},
	{freightWord, `livraison, livraisons, livre, livré, livrer, livrons, livraisn, livraison à domicile, frais, frais de livraison, frais de port, transport, expédition, envoi, توصيل, التوصيل, بالتوصيل, الشحن, شحن, النقل, twsil, tawsil, tawssil, tewsil, ttawsil, livrezon, livrizon, liv, الإرسال, ارسال, toussil, nwesslo, kanwslo`},
	{contactWord, `tel, tél, telephone, téléphone, gsm, whatsapp, whatsap, watsap, watsapp, wtsp, wtsap, whats, contact, contacts, contacter, contactez, contactez moi, contactez nous, contact whatsapp, appelez, appeler, appelez moi, appelez nous, appel, appelle, joignable, facebook, instagram, insta, fb, page, commandez, pour commander, pour commande, pour toute commande, pour réserver, inbox, mp, dm, message privé, en privé, infos, info, renseignements,
		هاتف, الهاتف, واتساب, واتس, الواتساب, واتساپ, للتواصل, للاتصال, اتصلوا, اتصل, الاتصال, تواصلوا, للطلب, للطلبات, للحجز, اتصلو, للاستفسار, الرقم, عيطو, عيط, عيطوا, لي بغا, اللي بغا, لي باغي, اللي باغي, لي بغا يعيط, تواصلو, على الخاص, فالخاص,
		3ayto, 3ayet, 3ayt, 3iyet, 3aytou, 3ayetou, i3ayet, y3ayet, li bgha, li bghaha, li bghah, lli bgha, li baghi, li bghat, tasslo, ttaslo, tasalo, tawaslo, itasslo, nemra dyali, num, f prive, f privé, lwatsap, f l'inbox, sift msg, siftou`},
	{sellWord, `a vendre, à vendre, vends, je vends, vend, en vente, mis en vente, mets en vente, je mets en vente, nous vendons, vendons, on vend, nous proposons, je propose, propose, proposons, vente, vente de, nous vous proposons, voici, voilà, ajouter, ajoutez, je veux vendre, je voudrais vendre, nouveau produit, produit,
		للبيع, أبيع, ابيع, نبيع, كنبيع, كنبيعو, كانبيع, كنبيعها, نبيعو, نبيعوه, نبيعها, نبيعوها, معروض للبيع, معروضة للبيع, نعرض, أعرض, اعرض, نعرض عليكم, نقدم, نقدم لكم, أقدم لكم, بيع, منتوج جديد, المنتوج, بغيت نبيع, باغي نبيع, باغية نبيع, بغينا نبيعو, أريد بيع, أريد أن أبيع, أود بيع, نود بيع, هذا, هادي, هادا,
		lbi3, l lbi3, llbi3, lilbay3, kanbi3, kanbi3o, kanbi3ou, nbi3, nbi3o, bi3, bghit nbi3, baghi nbi3, baghya nbi3, bghina nbi3o, rani kanbi3, kan9addem, hada, hadi, hado, ha, hahwa, hahiya, ara`},
	{greetWord, `bonjour, bjr, bonsoir, salut, slt, coucou, cc, bonne journée, bonjour à tous, hello, hi, bienvenue, salam, slm, salam alaykom, salam 3likom, salam 3alaykom, assalam, asalam, salamo, salamou, 3likom, 3alikom, 3alaykom, 3alaykoum, alaykom, labas, labass, labes, labas 3likom, sba7 lkhir, sbah lkhir, msa lkhir, ahlan, mar7ba, marhba, merhba, cv, ça va, ca va,
		سلام, السلام, السلام عليكم, سلام عليكم, عليكم, ورحمة الله, ورحمة, وبركاته, الله, تعالى, صباح الخير, مساء الخير, صباح النور, مرحبا, مرحبا بكم, أهلا, اهلا, أهلا وسهلا, تحية طيبة, لاباس, لاباس عليكم, khouti, khoti, khout, khouya, khti, خوتي, خويا, ختي, إخواني, أخواتي, chabab, nas, a lkhout, lkhout, الإخوة, mes amis, chers clients, cher client, madame, monsieur, mesdames, lalla, sidi, لالة, سيدي, inchallah, إن شاء الله, انشاء الله, nchalah, bismillah, بسم الله, الرحمن الرحيم`},
	{thanksWord, `merci, merci beaucoup, merci bcp, merci d'avance, mrc, mrci, remercie, chokran, choukran, shukran, chokrane, chokran bzaf, baraka allahou fik, baraka lah fik, barak lah fik, baraka lahou fikom, lah ihfdkom, lah yhafdkom, lah yhefdek, lah y3tikom saha, lah y3tik saha, lah yjazikom, lah yjazik, lah ykhelikom, lah yrdi 3likom, tbarkallah 3likom, شكرا, شكرا جزيلا, شكرا بزاف, شكرا لكم, شكرا لك, جزاكم الله, جزاكم الله خيرا, جزاك الله خيرا, بارك الله فيكم, بارك الله فيك, الله يحفظكم, الله يحفظك, الله يعطيكم الصحة, الله يعطيك الصحة, الله يجازيكم, الله يجازيك, الله يخليكم, الله يخليك, الله يرحم الوالدين, مشكورين, نشكركم, أشكركم, كنشكركم, تبارك الله عليكم, bslama, beslama, بسلامة, bye, à bientôt, a bientot, au revoir, bonne nuit, bonne soirée, مع السلامة`},
	{askWord, `comment, pourquoi, pk, combien, est-ce que, est ce que, est-ce qu', est ce qu', est ce, qui, quel, quelle, quels, quelles, quand est, puis je, puis-je, peut on, peut-on, pouvez, pouvez vous, pourriez, avez vous, avez-vous, savez, qu'est, qu est, c'est quoi, où est, ou est, où sont,
		كيف, كيفاش, متى, لماذا, علاش, شحال, كم, هل, واش, وش, أين, فين, شكون, شنو, شنا, أشنو, اشنو, اش, ماذا, إمتى, امتى, ايمتا, فوقاش, وقتاش, منين, شمن, ما هو, ما هي,
		kifach, kifash, kif, kifach n, chhal, ch7al, sh7al, wach, wash, wesh, fin, feen, fin wsal, imta, imtta, fou9ach, fo9ach, fuqach, w9tach, wa9tach, 3lach, 3lash, chkoun, chkon, chno, chnou, achno, ach, achmen, chmen, mnin, 3la 9bel, ma39oul, yak`},
	{wantWord, `je veux, veux, je voudrais, voudrais, nous voulons, j'aimerais, aimerais, besoin, je cherche, cherche, cherchons, il me faut, commander, j'achète, acheter, je prends, prendre, أريد, نريد, اريد, أرغب, نرغب, أود, نود, أحتاج, نحتاج, نحتاجو, أبحث, بغيت, بغينا, بغيتو, بغيتي, باغي, باغية, باغيين, خاصني, خصني, خاصنا, كنقلب, محتاج, bghit, bghina, bghiti, bghito, baghi, baghya, baghyin, khasni, khassni, khsni, khassna, kan9elleb, kan9lb, m7taj, 3tini, 3tiwni, عطيني, عطيوني, nchri, nakhod, نشري, صيفطو, sift liya, sifto liya`},
	{adminWord, `virement, virements, paiement, paiements, payement, payer, payez, payé, paye, versement, argent, facture, factures, commande, commandes, client, cliente, clients, colis, livreur, reunion, réunion, formation, formations, leçon, lecon, cours, probleme, problème, problèmes, souci, bug, application, appli, site, compte, mot de passe, photo, photos, image, vidéo, video, inscription, inscrire, réclamation, reclamation, retour, rembourser, remboursement, reçu, recu, vendu, vendus, absent, absente, malade, congé, rendez-vous, rdv, réponse, reponse, erreur, aide, aider, aidez, question, coopérative, cooperative, adhérentes, adhérents, membre, membres, foire, salon, exposition, stand, attestation, certificat, dossier, onssa, document, documents, étiquette, étiquettes, etiquettes, annuler, annulé, annulée, message, messages, annonce, changer, changez, modifier, modifiez, supprimer, supprimez, envoyé, envoyée, envoyés,
		تحويل, التحويل, أداء, الأداء, تأدية, مستحقات, مستحقاتنا, فلوس, الفلوس, فاتورة, الطلبية, طلبية, طلبيات, الطلبيات, طلبات, الطلبات, الكوموند, كوموند, زبون, الزبون, زبونة, الزبونة, كليان, الكليان, كوليا, الطرد, طرد, طرود, اجتماع, الاجتماع, تكوين, التكوين, درس, الدرس, دروس, مشكل, مشكلة, المشكل, تطبيق, التطبيق, حساب, الحساب, صورة, الصورة, صور, تصاور, التصاور, تصويرة, تصويرتي, التسجيل, تسجيل, شكاية, وصل, وصلني, وصلات, وصلتني, توصلت, توصلنا, خلصونا, تخلصونا, تخلصوني, غائبة, غائب, مريضة, موعد, جواب, سؤال, تعاونية, تعاونيتنا, مساعدة, ساعدوني, عاونوني, عاونيني, المعرض, معرض, شهادة, الشهادة, ملف, الملف, وثائق, الوثائق, رسالة, الرسالة, إعلان, الإعلان, بيانات, رخصة, الرخصة,
		virma, virman, flous, lflous, flouss, khelsouna, tkhelsouna, tkhelsouni, tkhelso, khlas, lkhlas, commanda, lcommande, lkommand, lkoumand, koliya, colia, zboun, zbon, client, klian, lklian, tkhelst, tkhlst, tkhelsna, تخلصت, تخلصنا, خلصوني, encaissé, encaissés, encaissée, gal liya, galt liya, galo liya, galou liya, قال ليا, قالت ليا, قالو ليا, ijtima3, ljtima3, takwin, tekwin, dars, ders, mouchkil, mochkil, mochkila, tswira, teswira, taswira, tsawer, tsawr, tswar, tsjil, wsel, wsal, wslat, wslatni, wsslatni, weslat, twsselt, twesselt, mrida, meryda, rendez vous, jwab, so2al, mosa3ada, 3awnouni, 3awnini, 3awenni, ma3rid, ma3red, chahada, milaf, wra9, risala, vendit, b3t, b3na, be3na, be3t, بعت, بعنا, تباع, تباعت, tba3, tba3o, tba3at`},
	{otherWord, `d'accord, daccord, ok, okay, oui, non, désolé, désolée, pardon, excusez, attendez, demain, hier, أوكي, اوكي, واخا, wakha, waxa, نعم, سمح ليا, سمحو ليا, smeh liya, sme7 liya, صافي, safi, مزيان, mzyan bzaf, غدا, غدا إن شاء الله, ghda, ghedda, البارح, lbare7, lbar7, je suis, nous sommes, vous avez, vous m'avez, vous nous avez, de trop, je n'ai, je ne, n'a pas, n'est pas, pas encore, ماعرفتش, معرفتش, ma3reftch, ma3rftch, mafhemtch, ma fhemtch, ما فهمتش, مافهمتش, fhemt, makhdamch, ma khdamch, je comprends, compris, fait, bien reçu, على راسي, félicitations, bravo, مبروك, mabrouk, عيد مبارك, 3id mobarak, bonne fête, رمضان كريم, جمعة مباركة, jom3a mobaraka, les amis, allo, ألو, je pense, je crois, il pleut, fatiguée, fatigué, عييت, ghadi, غادي, راني, rani, nchalah, hamdoulah, hamdoullah, الحمد لله, lhamdoulah, l7amdollah, tout va bien, خير, بخير, bikhir, cava`},
	{fillWord, `svp, stp, s'il vous plaît, s'il vous plait, s'il te plaît, très, tres, trop, bien, toujours, bzaf, bezzaf, bzzaf, بزاف, جدا, chwiya, راه, rah, ra, hna, هنا, ici, aussi, juste, عافاك, عافاكم, 3afak, 3afakom, المرجو, من فضلكم, من فضلك, dyali, dyalna, ديالي, ديالنا, mon, ma, mes, nos, notre, un, une, est, sont, c'est, dyalha, dyalo, ديالو, ديالها, li, lli, اللي, لي, التي, الذي, هو, هي, hiya, howa, w7da, selon, selon la taille, selon taille, selon modèle, حسب, حسب الحجم, حسب القياس, 7sab, قابل للنقاش, قابل للتفاوض, negociable, négociable, à discuter, a discuter, حسب الاتفاق, بالاتفاق, b nni9ach, b littifa9, à débattre, a debattre, nous consulter, sur devis, taille, diamètre, diametre, de diamètre, hauteur, largeur, longueur, long, large, القطر, الطول, العرض, قطر, طول, ارتفاع, poids, poids net, net, الوزن, وزن, الوزن الصافي, صافي, lwazn, chacun, chacune, l'un, l'une, kol wa7da, kol wa7d, كل واحدة, كل واحد, عبارة عن, ttc, ht, محددة, environs, tout, toute, toutes, tous, capacité, contenance, سعة, format, conditionnement, conditionné, conditionnée, بحجم, حجم, الحجم, en pot, en bocal, en sachet, en sachets, en bouteille, en bocaux, en pots, en vrac, emballage, emballé, تعبئة, معبأ, معبأة, في علبة, في علب, في قنينة, f 9er3a, f 9r3a, f sachi, f bokal, حط, معمرة, معمر, tjih, jat, جاي, جاية, jay, jaya`},
	{praise, `nouveau, nouveauté, nouvelle, nouveautés, exclusif, qualité, qualite, haute qualité, bonne qualité, 1er choix, premier choix, première qualité, 1ère qualité, meilleur, meilleure, meilleure qualité, qualité supérieure, top, top qualité, garanti, garantie, certifié, certifiée, sans additif, sans conservateur, sans conservateurs, sans sucre ajouté, excellent, excellente, délicieux, delicieux, frais du jour, fait main, faite main, fait maison, fait à la main, faite à la main, faits main, 100% naturel, naturel, naturelle, 100% bio, bio, biologique, pur, pure, produit naturel, produit du terroir, produits du terroir, terroir, du terroir, profitez, profitez en, n'hésitez pas, quantité limitée, quantités limitées, stock limité, dépêchez vous, vite, direct producteur, directement du producteur, bon prix, au bon prix, pas cher, petit prix,
		جودة عالية, ذات جودة عالية, جودة, الجودة, بجودة عالية, عالية, ممتاز جدا, نوعية جيدة, نوعية ممتازة, طبيعي, طبيعي 100, مضمون, مضمونة, كمية محدودة, الكمية محدودة, بدون مواد حافظة, بدون إضافات, خالي من المواد الحافظة, رخيص, ثمن مناسب, أثمنة مناسبة, منتوج طبيعي, منتوج محلي, صنع يدوي, بكميات محدودة, سارعوا, مرحبا بالجميع, مرحبا بكم, اطلبوا, اطلبوا الآن,
		no3ia mzyana, jawda, jawda 3aliya, top lkif, hamza, hemza, همزة, mdmoun, mdmouna, rkhis, jdid, jdida, tabi3i 100`},
	{dirham, `dh, dhs, dhms, mad, dirham, dirhams, dirhame, dirhem, dirhems, drhm, drham, drahem, drahm, drahim, derhem, derham, dirhm, dirham marocain, dirhams marocains, درهم, درهما, دراهم, دراهيم, الدرهم, درهمين, درهمان, درهم مغربي, دهـ, ده`},
	{ryal, `ryal, rial, riyal, ryals, rials, riyals, reyal, ryalat, rialat, riyalat, ريال, ريالا, ريالات, الريال, doro, douro, dourou, doros, duro, دورو, قرش`},
	{franc, `franc, francs, frank, frnk, frenk, frenc, franks, frs, فرنك, فرنكا, فرنكات, الفرنك, centime, centimes, ctm, ctms, cts, cent imes, santim, santime, santimat, سنتيم, سنتيما, سنتيمات, صنتيم`},
	{million, `million, millions, melyoun, melyon, mlyoun, malyoun, مليون, ملايين`},
	{bulkWord, `en gros, prix de gros, prix gros, gros, grossiste, grossistes, demi gros, tarif de gros, الجملة, بالجملة, ثمن الجملة, جملة, نصف الجملة, jomla, b jomla, bjomla, ljomla, b ljomla, gros prix`},
	{uniqueWord, `unique, pièce unique, piece unique, exemplaire unique, وحيدة, قطعة واحدة, قطعة وحيدة, قطعة فريدة, pyassa wa7da, 9it3a wa7da, wa7da bra9`},
}

// lexicon is the lists, keyed. longest counts the words of the longest phrase.
type lexicon struct {
	words   map[string]meaning
	longest int
}

// theLexicon is built at the first caption: a command that reads none does not pay for it.
var theLexicon = sync.OnceValue(func() *lexicon { return compile(wordLists) })

func compile(lists []wordList) *lexicon {
	l := &lexicon{words: map[string]meaning{}}
	for _, list := range lists {
		for _, form := range strings.FieldsFunc(list.words, func(r rune) bool { return r == ',' || r == '\n' }) {
			var keys []string
			for _, t := range locales.Tokens(form) {
				if t.Kind != locales.MarkToken || strings.ContainsAny(t.Norm, "@=+~&") {
					keys = append(keys, key(t.Norm))
				}
			}
			if len(keys) == 0 {
				continue
			}
			l.words[strings.Join(keys, " ")] |= list.meaning
			l.longest = max(l.longest, len(keys))
		}
	}
	return l
}

// key folds the spellings of one normalised word that differ in nothing but doubled letters, hamzas and their seats, and the signs
// for g. It leaves vowels and the article alone.
func key(norm string) string {
	plain := true
	last := rune(0)
	for _, r := range norm {
		if r == last && r != 'ل' || r == '\'' || r >= 'ء' && r <= 'ئ' || r > 'ي' {
			plain = false
			break
		}
		last = r
	}
	if plain {
		return norm
	}
	var b strings.Builder
	b.Grow(len(norm))
	last = 0
	for _, r := range norm {
		switch r {
		case 'ء', '\'':
			continue
		case 'ئ':
			r = 'ي'
		case 'ؤ':
			r = 'و'
		case 'گ', 'ڭ', 'ݣ':
			r = 'ك'
		}
		if r == last && r != 'ل' && (r < '0' || r > '9') {
			continue
		}
		last = r
		b.WriteRune(r)
	}
	return b.String()
}
