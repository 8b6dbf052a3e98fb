/* Everything the page says, by language. To add one, copy `en`, translate the values, and name it
 * in `languages`; {name} stands for a value, and the tests compare the keys. */

const en = {
  language: "English",
  title: "REUNION",
  subtitle: "A meeting place for people who share a passphrase",
  intro: "You and somebody else agree on a passphrase. Each of you leaves a short message " +
    "here and gets the other’s. Nobody else does, and nobody, this server included, learns " +
    "who met whom.",
  languageLabel: "Language",
  tabMeet: "Meet",
  tabCreate: "Create a private link",
  tabOpen: "Open a private link",
  server: "Server",
  serverHelp: "Its address, such as https://meet.example.org",
  passphrase: "Passphrase",
  passphraseHelp: "The secret you have in common. Every character counts.",
  generate: "Generate",
  show: "Show",
  hide: "Hide",
  copy: "Copy",
  copied: "Copied",
  qr: "QR code",
  share: "Link to this page",
  shareHelp: "This link leads here with the passphrase in it. Whoever sees the link knows " +
    "the passphrase. The part after # is not sent to the server, but your browser may keep " +
    "it.",
  qrAlt: "QR code of: {what}",
  message: "Message",
  messageHelp: "What the other gets: an address, a key, a number. Up to 96 bytes.",
  bytes: "{used} of {most} bytes",
  bytesOver: "{used} of {most} bytes: {over} too many",
  more: "Where to meet",
  place: "Place",
  placeHelp: "A name that both know, such as a conference. It is public, not part of the " +
    "secret.",
  bucket: "Bucket",
  bucketHelp: "64 digits that somebody passed on, to look for others in that bucket alone.",
  limitsShort: "A malicious server can send another page than this one, and a browser cannot " +
    "lock memory: for more, use reunion-client or the page as a file. Closing this tab ends " +
    "your stay at once, which may show that you met somebody.",
  limitsLink: "What this page cannot promise",
  limitsTitle: "What this page cannot promise",
  limits1: "Each time you open it the server sends this page anew. A malicious server, or " +
    "somebody who controls it, can send one that gives your passphrase away. The page as one " +
    "file, from somebody you trust, does not change.",
  limits2: "The passphrase and all keys lie in memory that is overwritten at the end, but " +
    "the browser may have copied what you typed, and the system may write memory to disk.",
  limits3: "Whoever watches the network sees that you take part, from where, and when you " +
    "leave. A stay has a length that is drawn before anything is sent. Leave this tab open " +
    "until then.",
  limits4: "Extensions of your browser can read everything here.",
  meet: "Meet",
  create: "Create",
  open: "Open",
  leave: "Leave now",
  leaveHelp: "Leaving before the time that was drawn may show that you met somebody.",
  leaveSure: "Leave now all the same",
  again: "Start again",
  loading: "Getting ready…",
  opening: "Working on the passphrase…",
  opened: "Going to the server…",
  waiting: "Waiting for others in bucket {bucket}",
  staying: "This page stays until {time}, a time that was drawn. Leave the tab open.",
  progressNone: "Nobody else is here yet",
  progressLeft: "{met} of {all} people looked at, about {left} left",
  progress: "{met} of {all} people looked at",
  progressLabel: "People looked at",
  seconds: "{count} s",
  minutes: "{count} min",
  metTitle: "Messages",
  metCaption: "Whom you met: messages of those who have the same passphrase",
  metNumber: "Number",
  metTime: "Time",
  metMessage: "Message",
  metNew: "A message has come: {message}",
  metAgain: "the same as number {number}",
  metOwn: "This is your own message: the page may be open twice.",
  metMany: "{count} messages have come. If you told one person only, somebody else knows the " +
    "passphrase: trust none of them before you have asked.",
  paying: "Many people come to this server, so it asks for work first: about {left}",
  placeSparse: "Only {others} people are in this place: somebody who watches the server may " +
    "see who meets. Choose a place that more people use.",
  windowCrowded: "Very many people have come lately; meeting may take longer.",
  crowded: "Far more people are here than usual. The work goes on slowly; leave this page " +
    "open.",
  namedClosed: "That bucket takes no more people: looking for others there, and waiting in " +
    "another.",
  away: "The server does not answer. Trying again…",
  back: "The server is back.",
  lost: "The server has lost our record; posting it again.",
  renewed: "Our bucket has expired; starting again in another.",
  doneMet: "The time is over. You met {count}.",
  doneNobody: "The time is over. Nobody was met.",
  left: "You have left.",
  failedUnreachable: "The server cannot be reached.",
  failedNonsense: "This is no REUNION server, or something between changes its answers.",
  failedRefused: "The server is not acceptable, so nothing more was sent: {reason}",
  failedEffort: "The server asks for more work than a browser can do.",
  failedNamed: "No bucket with those digits is there any more.",
  failedClock: "The server’s clock and yours differ by {seconds} s: set the one that is " +
    "wrong.",
  failedMemory: "There is not enough memory for this.",
  failedOther: "Something failed here: {reason}",
  failedInvitation: "This is not a complete invitation.",
  failedInvitationVersion: "This invitation needs another version of this page.",
  failedInvitationServer: "This invitation is for another server. Open it there: {server}",
  failedLinkAbsent: "No link here opens with this passphrase.",
  failedLinkGone: "The link is gone: it lives for a day.",
  noWasm: "This browser has no WebAssembly, which this page needs. Use a current browser, or " +
    "the program reunion-client.",
  noSimd: "This browser is an old one (its WebAssembly has no SIMD): everything takes longer.",
  noPhrase: "Type or generate a passphrase.",
  noMessage: "Type a message.",
  noServer: "Type the server’s address.",
  badBucket: "A bucket has 64 digits, 0 to 9 and a to f.",
  link: "Link",
  linkHelp: "What the other is to open, up to 238 bytes.",
  noLink: "Type a link.",
  separate: "Pass the passphrase on another way",
  linkPassphraseHelp: "Leave it empty to have one made.",
  creating: "Sealing and posting the link…",
  invitation: "Invitation",
  invitationHelp: "It begins with reunion-link:v1?",
  invitationPassphraseHelp: "Only if the invitation has none.",
  noInvitation: "Paste an invitation.",
  created: "The link is posted. Pass this on; it opens until {time}.",
  createdPassphrase: "Passphrase, to be passed on another way",
  createdPage: "The same as a link to this page",
  reading: "Fetching and trying all entries…",
  openedLink: "The link",
  openedHelp: "Shown as text: look at it before you open it.",
  doubtEdge: "It begins or ends with a blank, which counts.",
  doubtBlanks: "It has several blanks in a row, or another blank than the space bar’s.",
  doubtControl: "It has control characters.",
  doubtUnseen: "It has characters that nobody sees.",
  doubtDecomposed: "It has letters in another form than keyboards give (an accent as a " +
    "character of its own). It looks the same as another passphrase, and those who type that " +
    "one do not meet you.",
  doubtQuotes: "It has quotation marks or apostrophes other than ' and \".",
  doubtDashes: "It has a dash other than -.",
  doubtForms: "It has characters that are forms of others (full width, ligatures).",
  doubtScripts: "It has letters that look like those of another script.",
  doubtRetyped: "It looks like a generated one in another spelling: those have small letters " +
    "and one - between words.",
  doubtMistyped: "It looks like a generated one with a slip: those have eight words of a " +
    "list.",
  doubtShort: "It is short: somebody else may guess it.",
  doubtsTitle: "About the passphrase:",
  characterNamed: "character {code}",
};

const de = {
  language: "Deutsch",
  title: "REUNION",
  subtitle: "Ein Treffpunkt für Leute mit einer gemeinsamen Passphrase",
  intro: "Du und jemand anders vereinbart eine Passphrase. Jeder hinterlässt hier eine kurze " +
    "Nachricht und bekommt die des anderen. Sonst bekommt sie niemand, und niemand, auch " +
    "dieser Server nicht, erfährt, wer wen getroffen hat.",
  languageLabel: "Sprache",
  tabMeet: "Treffen",
  tabCreate: "Privaten Link anlegen",
  tabOpen: "Privaten Link öffnen",
  server: "Server",
  serverHelp: "Seine Adresse, etwa https://meet.example.org",
  passphrase: "Passphrase",
  passphraseHelp: "Euer gemeinsames Geheimnis. Jedes Zeichen zählt.",
  generate: "Erzeugen",
  show: "Zeigen",
  hide: "Verbergen",
  copy: "Kopieren",
  copied: "Kopiert",
  qr: "QR-Code",
  share: "Link auf diese Seite",
  shareHelp: "Dieser Link führt hierher und enthält die Passphrase. Wer den Link sieht, " +
    "kennt sie. Der Teil nach # geht nicht an den Server, aber der Browser kann ihn behalten.",
  qrAlt: "QR-Code von: {what}",
  message: "Nachricht",
  messageHelp: "Was der andere bekommt: eine Adresse, ein Schlüssel, eine Nummer. Bis 96 " +
    "Bytes.",
  bytes: "{used} von {most} Bytes",
  bytesOver: "{used} von {most} Bytes: {over} zu viel",
  more: "Wo ihr euch trefft",
  place: "Ort",
  placeHelp: "Ein Name, den beide kennen, etwa eine Konferenz. Er ist öffentlich, kein " +
    "Geheimnis.",
  bucket: "Bucket",
  bucketHelp: "64 Ziffern, die jemand weitergab, um nur in diesem Bucket zu suchen.",
  limitsShort: "Ein bösartiger Server kann eine andere Seite als diese schicken, und ein " +
    "Browser kann Speicher nicht sperren: Für mehr nimm reunion-client oder die Seite als " +
    "Datei. Wer den Tab schließt, geht sofort, und das kann zeigen, dass er jemanden " +
    "getroffen hat.",
  limitsLink: "Was diese Seite nicht versprechen kann",
  limitsTitle: "Was diese Seite nicht versprechen kann",
  limits1: "Bei jedem Öffnen schickt der Server diese Seite neu. Ein bösartiger Server, oder " +
    "wer ihn beherrscht, kann eine schicken, die deine Passphrase verrät. Die Seite als eine " +
    "Datei, von jemandem, dem du vertraust, ändert sich nicht.",
  limits2: "Passphrase und Schlüssel liegen in Speicher, der am Ende überschrieben wird. Der " +
    "Browser kann aber kopiert haben, was du getippt hast, und das System kann Speicher auf " +
    "die Platte schreiben.",
  limits3: "Wer das Netz beobachtet, sieht, dass du teilnimmst, von wo, und wann du gehst. " +
    "Die Länge eines Aufenthalts wird ausgelost, bevor etwas gesendet wird. Lass den Tab so " +
    "lange offen.",
  limits4: "Erweiterungen deines Browsers können hier alles lesen.",
  meet: "Treffen",
  create: "Anlegen",
  open: "Öffnen",
  leave: "Jetzt gehen",
  leaveHelp: "Wer vor der ausgelosten Zeit geht, zeigt vielleicht, dass er jemanden " +
    "getroffen hat.",
  leaveSure: "Trotzdem jetzt gehen",
  again: "Neu beginnen",
  loading: "Wird vorbereitet…",
  opening: "Die Passphrase wird verarbeitet…",
  opened: "Auf dem Weg zum Server…",
  waiting: "Wartet auf andere im Bucket {bucket}",
  staying: "Diese Seite bleibt bis {time}, das wurde ausgelost. Lass den Tab offen.",
  progressNone: "Noch ist sonst niemand da",
  progressLeft: "{met} von {all} Leuten angesehen, noch etwa {left}",
  progress: "{met} von {all} Leuten angesehen",
  progressLabel: "Angesehene Leute",
  seconds: "{count} s",
  minutes: "{count} min",
  metTitle: "Nachrichten",
  metCaption: "Wen du getroffen hast: Nachrichten derer mit der gleichen Passphrase",
  metNumber: "Nummer",
  metTime: "Zeit",
  metMessage: "Nachricht",
  metNew: "Eine Nachricht ist da: {message}",
  metAgain: "dieselbe wie Nummer {number}",
  metOwn: "Das ist deine eigene Nachricht: Vielleicht ist die Seite zweimal offen.",
  metMany: "{count} Nachrichten sind da. Wenn nur eine Person die Passphrase hat, kennt sie " +
    "noch jemand: Trau keiner, bevor du nachgefragt hast.",
  paying: "Viele kommen zu diesem Server, darum verlangt er erst Arbeit: etwa {left}",
  placeSparse: "Nur {others} Leute sind an diesem Ort: Wer den Server beobachtet, sieht " +
    "vielleicht, wer sich trifft. Wählt einen Ort, den mehr Leute benutzen.",
  windowCrowded: "In letzter Zeit kamen sehr viele; das Treffen kann länger dauern.",
  crowded: "Hier sind viel mehr Leute als sonst. Es geht langsam weiter; lass die Seite " +
    "offen.",
  namedClosed: "Dieser Bucket nimmt niemanden mehr auf: Gesucht wird dort, gewartet in einem " +
    "anderen.",
  away: "Der Server antwortet nicht. Es wird weiter versucht…",
  back: "Der Server ist wieder da.",
  lost: "Der Server hat unseren Eintrag verloren; er wird neu geschickt.",
  renewed: "Unser Bucket ist abgelaufen; es beginnt in einem anderen neu.",
  doneMet: "Die Zeit ist um. Getroffen: {count}.",
  doneNobody: "Die Zeit ist um. Niemand wurde getroffen.",
  left: "Du bist gegangen.",
  failedUnreachable: "Der Server ist nicht erreichbar.",
  failedNonsense: "Das ist kein REUNION-Server, oder etwas dazwischen ändert seine Antworten.",
  failedRefused: "Der Server ist nicht annehmbar, darum wurde nichts mehr gesendet: {reason}",
  failedEffort: "Der Server verlangt mehr Arbeit, als ein Browser leisten kann.",
  failedNamed: "Einen Bucket mit diesen Ziffern gibt es nicht mehr.",
  failedClock: "Die Uhren des Servers und hier weichen um {seconds} s ab: Stell die falsche.",
  failedMemory: "Dafür reicht der Speicher nicht.",
  failedOther: "Hier ist etwas fehlgeschlagen: {reason}",
  failedInvitation: "Das ist keine vollständige Einladung.",
  failedInvitationVersion: "Diese Einladung braucht eine andere Fassung dieser Seite.",
  failedInvitationServer: "Diese Einladung gehört zu einem anderen Server. Öffne sie dort: " +
    "{server}",
  failedLinkAbsent: "Kein Link hier öffnet sich mit dieser Passphrase.",
  failedLinkGone: "Der Link ist weg: Er lebt einen Tag.",
  noWasm: "Dieser Browser hat kein WebAssembly, das die Seite braucht. Nimm einen aktuellen " +
    "Browser oder das Programm reunion-client.",
  noSimd: "Dieser Browser ist alt (sein WebAssembly hat kein SIMD): Alles dauert länger.",
  noPhrase: "Tippe oder erzeuge eine Passphrase.",
  noMessage: "Tippe eine Nachricht.",
  noServer: "Tippe die Adresse des Servers.",
  badBucket: "Ein Bucket hat 64 Ziffern, 0 bis 9 und a bis f.",
  link: "Link",
  linkHelp: "Was der andere öffnen soll, bis 238 Bytes.",
  noLink: "Tippe einen Link.",
  separate: "Die Passphrase auf anderem Weg weitergeben",
  linkPassphraseHelp: "Leer lassen, um eine erzeugen zu lassen.",
  creating: "Der Link wird versiegelt und abgelegt…",
  invitation: "Einladung",
  invitationHelp: "Sie beginnt mit reunion-link:v1?",
  invitationPassphraseHelp: "Nur wenn die Einladung keine enthält.",
  noInvitation: "Füge eine Einladung ein.",
  created: "Der Link liegt bereit. Gib dies weiter; es öffnet bis {time}.",
  createdPassphrase: "Passphrase, auf anderem Weg weiterzugeben",
  createdPage: "Dasselbe als Link auf diese Seite",
  reading: "Alle Einträge werden geholt und versucht…",
  openedLink: "Der Link",
  openedHelp: "Als Text gezeigt: Sieh ihn an, bevor du ihn öffnest.",
  doubtEdge: "Sie beginnt oder endet mit einem Leerzeichen, das zählt.",
  doubtBlanks: "Sie hat mehrere Leerzeichen nacheinander oder ein anderes als das der " +
    "Leertaste.",
  doubtControl: "Sie hat Steuerzeichen.",
  doubtUnseen: "Sie hat Zeichen, die niemand sieht.",
  doubtDecomposed: "Sie hat Buchstaben in anderer Form, als Tastaturen sie geben (ein Akzent " +
    "als eigenes Zeichen). Sie sieht aus wie eine andere, und wer jene tippt, trifft dich " +
    "nicht.",
  doubtQuotes: "Sie hat andere Anführungszeichen oder Apostrophe als ' und \".",
  doubtDashes: "Sie hat einen anderen Strich als -.",
  doubtForms: "Sie hat Zeichen, die Formen anderer sind (volle Breite, Ligaturen).",
  doubtScripts: "Sie hat Buchstaben, die denen einer anderen Schrift gleichen.",
  doubtRetyped: "Sie gleicht einer erzeugten in anderer Schreibweise: Die haben kleine " +
    "Buchstaben und einen - zwischen den Wörtern.",
  doubtMistyped: "Sie gleicht einer erzeugten mit einem Fehler: Die haben acht Wörter einer " +
    "Liste.",
  doubtShort: "Sie ist kurz: Jemand anders kann sie erraten.",
  doubtsTitle: "Zur Passphrase:",
  characterNamed: "Zeichen {code}",
};

/* By the code of BCP 47; `dir` is the direction of its script. */
export const languages = {
  en: { dir: "ltr", strings: en },
  de: { dir: "ltr", strings: de },
};

let current = languages.en.strings;

/* The first of the wished languages that is there, or English. */
export function choose(wished) {
  return wished.map((tag) => tag.toLowerCase().split("-")[0]).find((code) => code in languages) ??
    "en";
}

export function setLanguage(code) {
  current = languages[code].strings;
}

/* The text named `key`, with values put in. */
export function text(key, values = {}) {
  return current[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
