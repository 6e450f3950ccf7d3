package signin

import "strings"

// stock is the words from which easy passwords are made, by kind: what people
// think of when a page asks for a password. It was written for this package; it
// is no dictionary, so that a sentence in one's own words stays a good password.
var stock = stockOf(
	// the thing itself, and what services are called
	"password passwort contrasena clave motdepasse passcode passphrase pass passwd pwd secret secreto geheim login logon signin access entry enter open",
	"admin administrator administrador root user guest test testing demo default changeme change letmein welcome willkommen bienvenido hello hola hallo bonjour",
	"computer internet server system office desktop laptop windows apple google facebook amazon netflix youtube twitter instagram whatsapp microsoft samsung android iphone network wifi",
	"security secure private master super power magic lucky freedom trustno whatever nothing something iloveyou ihateyou loveyou fuckyou fuckoff",
	// a library
	"library libraries librarian biblioteca bibliotecario bibliothek bibliotheque book books libro libros reader reading read lector desk front staff branch public city county town central main roundtable round table catalog catalogue archive study school college university student teacher",
	// days and seasons
	"january february march april may june july august september october november december",
	"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
	"januar februar maerz juni juli oktober dezember janvier fevrier avril juin juillet aout septembre octobre novembre decembre",
	"monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo montag dienstag mittwoch donnerstag freitag samstag sonntag",
	"spring summer autumn fall winter primavera verano otono invierno sommer herbst christmas navidad easter holiday holidays vacation birthday weekend morning today tomorrow forever always never",
	// people
	"mother father mom mum dad mama papa baby sister brother family familia daughter son child children wife husband boy girl man woman people friend friends amigo amiga princess princesa prince king queen angel",
	"love amor liebe amour lover honey sweet sweetie sweetheart darling sexy happy smile beautiful bonita hermosa pretty cool crazy funny kiss kisses heart corazon alma vida life peace hope faith grace joy jesus christ god dios lord heaven bless blessed amen",
	// first names that are many people's
	"james john robert michael mike david william will richard joseph thomas tom charles charlie daniel dan matthew matt anthony tony mark paul peter steven steve andrew andy joshua josh kevin brian george edward jason jeff ryan jacob nicholas nick eric jonathan justin scott brandon benjamin ben samuel sam frank alexander alex patrick jack dennis jerry tyler aaron adam nathan henry max leo oliver harry jordan taylor morgan",
	"mary patricia jennifer jenny linda elizabeth lisa barbara susan jessica sarah karen nancy margaret betty sandra ashley emily donna michelle carol amanda melissa deborah stephanie rebecca laura helen sharon cynthia kathleen amy angela anna emma olivia sophia sofia mia ella lily lucy grace chloe nicole natalie victoria julia maria ana carmen isabel rosa lucia elena marta paula",
	"jose juan carlos luis miguel pedro jorge manuel antonio francisco javier alejandro fernando diego pablo mohammed muhammad ahmed ali omar fatima hans klaus andreas stefan martin pierre jean marie claude",
	// beasts, plants and things
	"dog dogs cat cats kitty puppy horse tiger lion bear wolf eagle dragon monkey dolphin shark snake bird fish butterfly rabbit bunny buster rocky buddy bella shadow ginger pepper cookie cupcake chocolate cheese banana orange cherry peach apples strawberry coffee pizza chicken sugar candy perro gato leon tigre caballo",
	"flower flowers rose sunflower garden tree forest ocean beach river mountain island rainbow sunshine sunset moonlight moon sun star stars sky snow rain storm thunder lightning fire water earth diamond silver golden gold crystal",
	"red blue green yellow black white purple pink brown orange rojo azul verde negro blanco",
	// games and heroes
	"football soccer futbol baseball basketball hockey tennis golf soldier warrior killer hunter ranger rangers cowboy cowboys eagles steelers yankees lakers chelsea arsenal liverpool barcelona madrid real united chicago dallas boston london newyork california texas america american mexico espana germany france canada",
	"batman superman spiderman ironman starwars skywalker pokemon pikachu naruto minecraft fortnite matrix harrypotter hogwarts gandalf frodo hobbit merlin arthur camelot lancelot ninja pirate wizard phoenix jedi yoda zelda mario sonic",
	"mustang corvette ferrari porsche mercedes toyota honda harley yamaha camaro jaguar guitar music rock metal metallica nirvana dance player gamer game games",
	// little words that hold the others together
	"the and for you your my mine our this that its with one two three new old big little best first good great number los las una con por que mis der die das und mein ich les des mon",
)

func stockOf(lines ...string) map[string]bool {
	words := map[string]bool{}
	for _, line := range lines {
		for _, w := range strings.Fields(line) {
			words[w] = true
		}
	}
	return words
}
