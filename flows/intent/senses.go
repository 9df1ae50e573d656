package intent

// sense is a set of meanings that a word may have; the rules look at which stand together in one message.
type sense uint64

const (
	filler      sense = 1 << iota // says nothing: please, a little, perhaps
	greet                         // bonjour, salam, labas
	thanks                        // merci, chokran
	yes                           // oui, wakha, je confirme
	no                            // non, la
	neg                           // pas, ما…ش, لا
	later                         // plus tard, mn b3d
	now                           // daba, maintenant
	want                          // je veux, bghit
	take                          // commander, nchri, 3tini
	have                          // vous avez, kayn, dispo
	seek                          // je cherche, kan9elleb
	show                          // voir, werini
	what                          // chno, qu'est-ce
	goods                         // produits, sel3a
	list                          // liste, tous, jami3
	howMuch                       // combien, ch7al: a price unless something else is counted
	price                         // prix, taman
	know                          // savoir, n3ref
	where                         // où, fin
	when                          // quand, imta
	arrive                        // arriver, wsel, reçu
	trackWord                     // suivi
	late                          // retard, pas encore
	orderNoun                     // commande, colis
	cart                          // panier
	cancelWord                    // annuler
	remove                        // supprimer, hyed
	helpWord                      // aide
	how                           // comment, kifach
	understand                    // comprendre, fhemt
	work                          // marche, khdam, utiliser
	human                         // conseiller, bnadem
	person                        // quelqu'un, chi wa7ed
	talk                          // parler, nhder
	callMe                        // appelez-moi
	french                        // français
	arabic                        // arabe, darija
	tongue                        // langue
	change                        // changer
	stopWord                      // stop, hbes
	enough                        // baraka, assez
	messages                      // messages, rasa2il
	subscribe                     // abonnement
	unsubscribe                   // désabonner
	again                         // de nouveau, 3awed
	resume                        // réactiver, réabonner
	startWord                     // start, bda
	register                      // inscrire
	sellWord                      // vendre, nbi3
	vendor                        // vendeur
	coop                          // coopérative
	publish                       // publier, mettre en vente
	mine                          // ma, dyali
	learnWord                     // apprendre, formation
	menuWord                      // menu
	backWord                      // retour
	product                       // known goods of the land
	money                         // dh, درهم
	pay                           // payer, livrer: how things go here
	send                          // envoyer, sift
	odd                           // words of another conversation: weather, match, why
	adding                        // ajouter, nzid: to a cart, or a product to sell
)
