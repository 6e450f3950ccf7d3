package page

import (
	"fmt"
	"strings"
	"time"
)

// Words is what pages of a walk say themselves, in one language, beside the words of
// the playbook. They follow the walk's language: whoever reads a step in Spanish
// reads its buttons in Spanish.
type Words struct {
	Lang string

	Skip, Back, BackTo, Practice               string
	StepN, StepMore1, StepMoreN                string // number; number and how many more
	Saved, Of                                  string
	AlertOrdered                               string // to whom
	ShowBig, SaidIt, Unsaid, OtherWords        string
	Tick, Untick                               string // Unsaid and Untick are for script
	Choose, Save, RowNew, RowOne               string // of what is written down
	Deadline                                   string
	Photo, PhotoOf, PhotoN, Photo1, PhotoMany  string // PhotoOf: of what; PhotoN: its number; the others: how many
	PhotoTitle, PhotoLead, PhotoSealed         string
	PhotoTake, PhotoHint, PhotoSeen            string
	PhotoShows, PhotoShowsHint, PhotoNobody    string
	PhotoKeep, PhotoFirst, PhotoTick           string
	PhotoLost, PhotoSafe, PhotoNot, PhotoForm  string // for script
	PhotosTitle, PhotosNone, PhotosLead        string
	PhotoSum                                   string
	PhotoAway, PhotoAwayTitle, PhotoAwayLead   string
	PhotoAwayTold, PhotoAwayCopies             string
	PhotoAwayDo, PhotoAwayLeave                string
	PhotosStay, PhotosGone, PhotoGone          string // PhotoGone: when it was taken, and when it was removed
	WhatNow, Then, Next, Sure                  string
	OffRecord, OffLead, OffEnd                 string
	OffOwner                                   string
	Calls, Call, NoNumber                      string
	Opened, Reached, NoAnswer, LeftMessage     string
	LastCall, AfterCall, NotSent               string
	Note, NoteHint, NoteSave                   string
	Why                                        string
	Print, Scan                                string
	Stop, StopLead, HandOver                   string
	At, GoThere, Elsewhere, Ended              string
	Late, LateBack, LateJoin                   string
	Other, Close, NextWords                    string
	Until, TimeOver                            string
	EndTitle, EndOutcome, EndOwner, EndNobody  string
	EndNext, EndUndone, EndUndoneLead, EndDone string
	EndOpens, EndOpensStart, EndFinish         string
	EndFinishLead, EndWho, EndWhoLead          string
	EndActed, EndNote, EndBack                 string
	Abuse, AbuseLead, AbuseNo, AbuseYes        string
	Reply                                      string
	Refused                                    string
	HandTitle, HandLead, HandAsk, HandTake     string
	HandCode, HandUntil, HandStays             string
	LineSeen                                   string
	AsideWait, AsideWaitLead, AsideSee         string // how a step leads to taking down
	AsideAct, AsideActLead, AsideNever         string
	AsideWatch, AsideWatchLead                 string
	AsideWatchNever                            string
	AsideOnce, AsideConsent, AsideNoPaper      string
	AsideSource, AsideSaid                     string // AsideSaid: when
	AsideNow, AsideMany, AsideKeep             string
	AsideKept, AsideBack                       string // each with its time
	AsideUndo, AsideLog, AsideMore, AsideLost  string
	AsideWrong, AsideLong                      string // AsideLong: by how much
	ChargeTaken, ChargeYou                     string // who and in which role, when; when
	AlertTo                                    string // to whom, and what is known
	AlertNot, AlertUnread, AlertNobody         string
	AlertFailed, AlertUnheard, AlertOff        string
	FactSent, FactCame, FactRead, FactReadBy   string // each with its time, and by whom
	FactOn, FactOnSome                         string
}

// WordsIn returns the words in a language, or in English where there are none.
func WordsIn(lang string) Words {
	if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); base == "es" {
		return spanish
	}
	return english
}

// Progress says how far the walk has come, and about how far it may go.
func (w Words) Progress(number, more int) string {
	switch {
	case more == 1:
		return fmt.Sprintf(w.StepMore1, number)
	case more > 1:
		return fmt.Sprintf(w.StepMoreN, number, more)
	}
	return fmt.Sprintf(w.StepN, number)
}

// Photos says how many photos there are.
func (w Words) Photos(count int) string {
	if count == 1 {
		return w.Photo1
	}
	return fmt.Sprintf(w.PhotoMany, count)
}

// With puts a text into a sentence of the words.
func (w Words) With(sentence string, text any) string {
	if !strings.Contains(sentence, "%") {
		return sentence
	}
	return fmt.Sprintf(sentence, text)
}

// Clock writes a time of day.
func (w Words) Clock(t time.Time) string { return t.Format("15:04") }

var english = Words{
	Lang: "en",
	Skip: "Skip to what to do", Back: "Back", BackTo: "Back to “%s”", Practice: "Practice. Nothing here is a record.",
	StepN: "Step %d.", StepMore1: "Step %d. About 1 more.", StepMoreN: "Step %d. About %d more.",
	Saved: "Saved", Of: "Words %d of %d",
	AlertOrdered: "An alert to %s is ordered. Not sent yet. Call.",
	ShowBig:      "Show it big", SaidIt: "I said it", Unsaid: "Said. Take it back", OtherWords: "Other words",
	Tick: "Tick", Untick: "Ticked. Take it back",
	Choose: "Nothing chosen", Save: "Save", RowNew: "New line", RowOne: "Line %d",
	Deadline: "a deadline",
	Photo:    "Photo", PhotoOf: "For: %s", PhotoN: "Photo %d", Photo1: "1 photo is kept", PhotoMany: "%d photos are kept",
	PhotoTitle: "Take a photo", PhotoLead: "Of papers and things only. Never of a person: no face, no hand, nobody in the background.",
	PhotoSealed: "The photo is sealed with this case. Where and when it was taken is removed from it.",
	PhotoTake:   "The photo", PhotoHint: "A JPEG or PNG picture. Hold the phone flat over the paper.", PhotoSeen: "The photo, as it is kept",
	PhotoShows: "What it shows", PhotoShowsHint: "This can stay empty. Leave out names of patrons.", PhotoNobody: "There is no person in this photo",
	PhotoKeep: "Keep the photo", PhotoFirst: "There is no photo yet. Take one first.", PhotoTick: "Look at the photo. Then tick that there is no person in it. If there is one, take it again.",
	PhotoLost: "We could not send the photo. It is still on this page. Try again.", PhotoSafe: "We could not send the photo. It is safe on this phone. Try again.",
	PhotoNot: "We could not keep the photo on this device. It is still on this page. Try again.", PhotoForm: "This picture cannot be read here. Take it again, or set the camera to JPEG.",
	PhotosTitle: "Photos", PhotosNone: "There is no photo in this case. Photos come from the walk: press “Photo” on a step.", PhotosLead: "Papers and things only. Each opening is written to the log.",
	PhotoSum:  "SHA-256 of the photo",
	PhotoAway: "Remove this photo", PhotoAwayTitle: "Remove this photo?", PhotoAwayLead: "The photo and what was written of it are deleted. You cannot get them back.",
	PhotoAwayTold: "The record says that a photo was taken and when it was removed. It does not say what was in it.", PhotoAwayCopies: "Backups that were made before still have it, sealed, until they are deleted.",
	PhotoAwayDo: "Remove the photo", PhotoAwayLeave: "Keep the photo",
	PhotosStay: "This walk has ended. Its photos are part of the record now, so they are not removed here.", PhotosGone: "Removed photos", PhotoGone: "Taken %s, removed %s",
	WhatNow: "What now?", Then: "Then", Next: "Next", Sure: "That is fine.",
	OffRecord: "Nothing is kept from here on. It opens below.", OffLead: "Nothing that you open or read here is sent or kept. To stop, close Roundtable, or stop here as on any step.",
	OffEnd: "You can stop now.", OffOwner: "Who has it now: %s.",
	Calls: "Call", Call: "Call %s", NoNumber: "There is no number for this here. Ask whoever is in charge.",
	Opened: "I called", Reached: "Reached", NoAnswer: "No answer", LeftMessage: "Left a message",
	LastCall: "Last call %s: ", AfterCall: "How did the call go?", NotSent: "Alert not sent yet. Call.",
	Note: "Note", NoteHint: "What you see, hear and do. No guesses about anyone.", NoteSave: "Save the note",
	Why:   "Why we do this",
	Print: "Open it to print", Scan: "Scan to read it on a phone",
	Stop: "Stop here", StopLead: "The walk ends as it is. What was saved stays saved. It cannot be taken up again.", HandOver: "Hand over",
	At: "The walk is at “%s”", GoThere: "Go there", Elsewhere: "You are looking at another step. Nothing can be pressed here.", Ended: "The walk has come to its end",
	Late: "%s: chose “%s”. That came after the walk had moved on, so it moved nothing. It is kept.", LateBack: "%s: went back. That came after the walk had moved on, so it moved nothing. It is kept.",
	LateJoin: "Here is where the walk is now.",
	Other:    "Elsewhere", Close: "Close", NextWords: "Next words",
	Until: "%s, until %s", TimeOver: "Time is up: %s.",
	EndTitle: "You can stop now.", EndOutcome: "How it ended: %s.", EndOwner: "Who has it now: %s.", EndNobody: "Nobody has to do more.",
	EndNext: "What happens next", EndUndone: "Not written down yet", EndUndoneLead: "Go back to write it, or write it in a note.", EndDone: "What you saved stays with this case.",
	EndOpens: "The next guide is “%s”.", EndOpensStart: "Start it",
	EndFinish: "Finish", EndFinishLead: "This desk closes the case now.",
	EndWho: "Who was here? Initials", EndWhoLead: "So that somebody can ask how you are, and what you saw. It can stay empty, and be said later.",
	EndActed: "Said so far: %s.", EndNote: "Add a note", EndBack: "Not done yet? Back to “%s”",
	Abuse: "Is this kept?", AbuseLead: "What was written is destroyed when you finish, unless you keep it. Keep it only if the person wants that, or if you had to report.",
	AbuseNo: "Destroy it when I finish", AbuseYes: "Keep it for the safety lead",
	Reply: "What this does", Refused: "This was not done",
	HandTitle: "Hand this walk over", HandLead: "Another device or person goes on with it. Until they type the code, it goes on here.",
	HandAsk: "Make a code", HandTake: "On the other device, open this address and type the code:", HandCode: "Code", HandUntil: "The code works once, until %s.",
	HandStays: "Back to the step",
	LineSeen:  "Seen",
	AsideWait: "They will not wait", AsideWaitLead: "Stand back and take down by taps what they do.", AsideSee: "Take down what you see, by taps",
	AsideAct: "They act now", AsideActLead: "Stand a few steps away. Tap what you see. Each tap is kept with its time.", AsideNever: "Never touch, block, hide or warn. Do not help, and do not argue.",
	AsideWatch: "Officers are here", AsideWatchLead: "Go on with your work. Tap what you see. Each tap is kept with its time.",
	AsideWatchNever: "Write nothing about patrons: no names, no looks, no reading.",
	AsideOnce:       "Say it once", AsideConsent: "I do not consent to anything beyond this paper.", AsideNoPaper: "They show no paper? “I do not consent. I will not stand in your way.”",
	AsideSource: "Source: ALA, guidance on law-enforcement inquiries, and library practice. Checked November 2026, not by a lawyer.", AsideSaid: "You said at %s that you do not consent.",
	AsideNow: "What is happening?", AsideMany: "How many are they?", AsideKeep: "Keep",
	AsideKept: "Kept %s", AsideBack: "taken back %s",
	AsideUndo: "Undo last tap", AsideLog: "What was kept, the newest first", AsideMore: "Nothing that you tap here moves the guide. When they are done, go back to the step.", AsideLost: "This was not kept. Tap it again, or write it on paper.",
	AsideWrong: "One line was not kept. Change first what is marked.", AsideLong: "This is %d characters too long. Make it shorter.",
	ChargeTaken: "%s has taken charge, at %s.", ChargeYou: "You have taken charge, at %s.",
	AlertTo: "Telling %s: %s", AlertNot: "Not sent yet. Call.", AlertUnread: "No one has read this. Call.", AlertNobody: "Nobody can be reached. Call.",
	AlertFailed: "It could not be sent. Call.", AlertUnheard: "Nobody has answered. Call.", AlertOff: "called off %s",
	FactSent: "sent %s", FactCame: "arrived %s", FactRead: "read %s", FactReadBy: "read by %s %s", FactOn: "%s is on it since %s", FactOnSome: "somebody is on it since %s",
}

var spanish = Words{
	Lang: "es",
	Skip: "Ir a lo que hay que hacer", Back: "Atrás", BackTo: "Atrás, a «%s»", Practice: "Práctica. Nada de esto es un registro.",
	StepN: "Paso %d.", StepMore1: "Paso %d. Falta 1, más o menos.", StepMoreN: "Paso %d. Faltan unos %d.",
	Saved: "Guardado", Of: "Palabras %d de %d",
	AlertOrdered: "Se pidió un aviso: %s. Aún no salió. Llame.",
	ShowBig:      "Verlo grande", SaidIt: "Ya lo dije", Unsaid: "Dicho. Quitar", OtherWords: "Con otras palabras",
	Tick: "Marcar", Untick: "Marcado. Quitar",
	Choose: "Nada elegido", Save: "Guardar", RowNew: "Línea nueva", RowOne: "Línea %d",
	Deadline: "es un plazo",
	Photo:    "Foto", PhotoOf: "Para: %s", PhotoN: "Foto %d", Photo1: "Se guarda 1 foto", PhotoMany: "Se guardan %d fotos",
	PhotoTitle: "Tomar una foto", PhotoLead: "Solo de papeles y cosas. Nunca de una persona: ni cara, ni mano, ni nadie al fondo.",
	PhotoSealed: "La foto queda sellada con este caso. Se le quita dónde y cuándo se tomó.",
	PhotoTake:   "La foto", PhotoHint: "Una imagen JPEG o PNG. Sostenga el teléfono plano sobre el papel.", PhotoSeen: "La foto, tal como se guarda",
	PhotoShows: "Qué muestra", PhotoShowsHint: "Puede quedar vacío. Sin nombres de usuarios.", PhotoNobody: "No hay ninguna persona en esta foto",
	PhotoKeep: "Guardar la foto", PhotoFirst: "Aún no hay foto. Tome una primero.", PhotoTick: "Mire la foto. Luego marque que no hay ninguna persona en ella. Si la hay, tómela otra vez.",
	PhotoLost: "No pudimos enviar la foto. Sigue en esta página. Inténtelo otra vez.", PhotoSafe: "No pudimos enviar la foto. Está a salvo en este teléfono. Inténtelo otra vez.",
	PhotoNot: "No pudimos guardar la foto en este aparato. Sigue en esta página. Inténtelo otra vez.", PhotoForm: "Aquí no se puede leer esta imagen. Tómela otra vez, o ponga la cámara en JPEG.",
	PhotosTitle: "Fotos", PhotosNone: "En este caso no hay fotos. Vienen del recorrido: pulse «Foto» en un paso.", PhotosLead: "Solo papeles y cosas. Cada vez que se abren queda en el registro.",
	PhotoSum:  "SHA-256 de la foto",
	PhotoAway: "Quitar esta foto", PhotoAwayTitle: "¿Quitar esta foto?", PhotoAwayLead: "Se borran la foto y lo que se escribió de ella. No se pueden recuperar.",
	PhotoAwayTold: "El registro dice que se tomó una foto y cuándo se quitó. No dice qué había en ella.", PhotoAwayCopies: "Las copias de seguridad de antes aún la tienen, sellada, hasta que se borren.",
	PhotoAwayDo: "Quitar la foto", PhotoAwayLeave: "Dejar la foto",
	PhotosStay: "Este recorrido terminó. Sus fotos son ya parte del registro; por eso no se quitan aquí.", PhotosGone: "Fotos que se quitaron", PhotoGone: "Tomada %s, quitada %s",
	WhatNow: "¿Y ahora?", Then: "Después", Next: "Siguiente", Sure: "Está bien.",
	OffRecord: "Desde aquí no se guarda nada. Se abre abajo.", OffLead: "Nada de lo que abra o lea aquí se envía ni se guarda. Para parar, cierre Roundtable, o pare aquí como en cualquier paso.",
	OffEnd: "Ya puede parar.", OffOwner: "Quién se ocupa ahora: %s.",
	Calls: "Llame", Call: "Llame: %s", NoNumber: "Aquí no hay número para esto. Pregunte a quien esté a cargo.",
	Opened: "Llamé", Reached: "Contestó", NoAnswer: "Nadie contestó", LeftMessage: "Dejé un mensaje",
	LastCall: "Última llamada %s: ", AfterCall: "¿Cómo fue la llamada?", NotSent: "El aviso aún no salió. Llame.",
	Note: "Nota", NoteHint: "Lo que ve, oye y hace. Nada de suposiciones sobre nadie.", NoteSave: "Guardar la nota",
	Why:   "Por qué lo hacemos",
	Print: "Abrirla para imprimir", Scan: "Escanee para leerla en un teléfono",
	Stop: "Parar aquí", StopLead: "El recorrido termina tal como está. Lo guardado queda guardado. No se puede retomar.", HandOver: "Pasarlo a otro",
	At: "El recorrido está en «%s»", GoThere: "Ir allí", Elsewhere: "Está viendo otro paso. Aquí no se puede pulsar nada.", Ended: "El recorrido llegó a su fin",
	Late: "%s: se eligió «%s». Llegó cuando el recorrido ya había seguido, así que no movió nada. Queda guardado.", LateBack: "%s: se volvió atrás. Llegó cuando el recorrido ya había seguido, así que no movió nada. Queda guardado.",
	LateJoin: "Aquí está el recorrido ahora.",
	Other:    "En otro lugar", Close: "Cerrar", NextWords: "Otras palabras",
	Until: "%s, hasta las %s", TimeOver: "Se acabó el tiempo: %s.",
	EndTitle: "Ya puede parar.", EndOutcome: "Cómo terminó: %s.", EndOwner: "Quién se ocupa ahora: %s.", EndNobody: "Nadie tiene que hacer más.",
	EndNext: "Qué pasa ahora", EndUndone: "Todavía sin escribir", EndUndoneLead: "Vuelva para escribirlo, o póngalo en una nota.", EndDone: "Lo que guardó queda con este caso.",
	EndOpens: "La guía siguiente es «%s».", EndOpensStart: "Empezarla",
	EndFinish: "Terminar", EndFinishLead: "Este mostrador cierra el caso ahora.",
	EndWho: "¿Quién estuvo aquí? Iniciales", EndWhoLead: "Para que alguien pueda preguntarle cómo está y qué vio. Puede quedar vacío y decirse después.",
	EndActed: "Dicho hasta ahora: %s.", EndNote: "Añadir una nota", EndBack: "¿Aún no? Atrás, a «%s»",
	Abuse: "¿Se guarda esto?", AbuseLead: "Lo escrito se destruye cuando termine, si no lo guarda. Guárdelo solo si la persona lo quiere, o si usted tuvo que informar.",
	AbuseNo: "Destruirlo al terminar", AbuseYes: "Guardarlo para quien vela por la seguridad",
	Reply: "Qué consigue esto", Refused: "Esto no se hizo",
	HandTitle: "Pasar este recorrido", HandLead: "Otro aparato u otra persona sigue con él. Hasta que escriban el código, sigue aquí.",
	HandAsk: "Hacer un código", HandTake: "En el otro aparato, abra esta dirección y escriba el código:", HandCode: "Código", HandUntil: "El código sirve una vez, hasta las %s.",
	HandStays: "Volver al paso",
	LineSeen:  "Visto",
	AsideWait: "No quieren esperar", AsideWaitLead: "Hágase a un lado y anote con toques lo que hacen.", AsideSee: "Anotar con toques lo que ve",
	AsideAct: "Actúan ahora", AsideActLead: "Quédese a unos pasos. Toque lo que ve. Cada toque se guarda con su hora.", AsideNever: "Nunca toque, bloquee, esconda ni avise. No ayude y no discuta.",
	AsideWatch: "Hay agentes aquí", AsideWatchLead: "Siga con su trabajo. Toque lo que ve. Cada toque se guarda con su hora.",
	AsideWatchNever: "No escriba nada sobre el público: ni nombres, ni aspecto, ni lecturas.",
	AsideOnce:       "Dígalo una vez", AsideConsent: "No doy mi consentimiento para nada que este papel no diga.", AsideNoPaper: "¿No muestran papel? «No doy mi consentimiento. No voy a estorbarles.»",
	AsideSource: "Fuente: ALA, guía sobre pedidos de la policía, y práctica de bibliotecas. Revisado en noviembre de 2026, no por un abogado.", AsideSaid: "Usted dijo a las %s que no da su consentimiento.",
	AsideNow: "¿Qué está pasando?", AsideMany: "¿Cuántos son?", AsideKeep: "Guardar",
	AsideKept: "Guardado %s", AsideBack: "quitado %s",
	AsideUndo: "Quitar el último toque", AsideLog: "Lo guardado, lo último primero", AsideMore: "Nada de lo que toque aquí mueve la guía. Cuando terminen, vuelva al paso.", AsideLost: "Esto no se guardó. Tóquelo otra vez o escríbalo en papel.",
	AsideWrong: "Una línea no se guardó. Cambie primero lo que está marcado.", AsideLong: "Sobran %d caracteres. Hágalo más corto.",
	ChargeTaken: "%s se ha puesto al frente, a las %s.", ChargeYou: "Usted se ha puesto al frente, a las %s.",
	AlertTo: "Aviso a %s: %s", AlertNot: "Aún no salió. Llame.", AlertUnread: "Nadie lo ha leído. Llame.", AlertNobody: "No hay a quién avisar. Llame.",
	AlertFailed: "No se pudo enviar. Llame.", AlertUnheard: "Nadie ha contestado. Llame.", AlertOff: "anulado %s",
	FactSent: "enviado %s", FactCame: "llegó %s", FactRead: "leído %s", FactReadBy: "lo leyó %s %s", FactOn: "%s se encarga desde las %s", FactOnSome: "alguien se encarga desde las %s",
}
