"""A toy of the real assistant: three languages, a retrieval intent, a form and every kind of entity."""

DOMAIN = """
version: "3.1"
intents:
- greet: {use_entities: []}
- register: {use_entities: []}
- inform: {use_entities: []}
- faq: {use_entities: []}
- change_language: {use_entities: []}
- wrong_market: {use_entities: []}
- talk_to_human: {use_entities: []}
actions: [action_hand_over]
entities: [first_name, last_name, email, mobile, otp_code, policy_number, tax_code, profile, brand,
  language_wish, language, market, channel]
slots:
  language: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: language}]}
  market: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: market}]}
  channel: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: channel}]}
  contact:
    type: text
    influence_conversation: false
    mappings: [{type: from_text, conditions: [{active_loop: register_form, requested_slot: contact}]}]
forms:
  register_form:
    ignored_intents: [faq]
    required_slots: [contact]
responses:
  utter_greet:
  - condition: [{type: slot, name: language, value: it}]
    text: "Buongiorno da {app}"
  - condition: [{type: slot, name: language, value: id}]
    text: "Selamat datang di {app}"
  - text: "Welcome to {app}"
  utter_ask_contact:
  - text: "Your e-mail or mobile?"
  utter_wrong_market:
  - text: "Please ask the other desk."
  utter_default:
  - text: "Sorry?"
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: false}
"""

RULES = """
version: "3.1"
rules:
- rule: greet
  condition: [{active_loop: null}]
  steps: [{intent: greet}, {action: utter_greet}]
- rule: questions
  steps: [{intent: faq}, {action: utter_faq}]
- rule: other market
  steps: [{intent: wrong_market}, {action: utter_wrong_market}]
- rule: a person
  steps: [{intent: talk_to_human}, {action: action_hand_over}]
- rule: language
  steps: [{intent: change_language}, {action: utter_greet}]
- rule: register
  steps: [{intent: register}, {action: register_form}, {active_loop: register_form}]
"""

_TEXTS = {
    "it": {
        "greet": ["buongiorno", "ciao", "salve a tutti", "buonasera", "ehi ciao"],
        "register": [
            "voglio registrarmi",
            "vorrei aprire un account",
            "come creo le mie credenziali",
            "devo iscrivermi al sito",
            "registrazione nuova utenza",
        ],
        "faq/otp_validity": [
            "quanto dura il codice",
            "per quanto tempo vale il codice",
            "dopo quanto scade il codice sms",
            "quante cifre ha il codice",
            "il codice che durata ha",
        ],
        "faq/login_how": [
            "dove accedo",
            "come faccio il login",
            "da dove si entra nell'area",
            "come si accede al sito",
            "non trovo la pagina di accesso",
        ],
        "change_language": [
            "parliamo in inglese",
            "cambia lingua",
            "puoi scrivere in indonesiano",
            "vorrei un'altra lingua",
            "in inglese per favore",
        ],
    },
    "id": {
        "greet": ["halo", "selamat pagi", "selamat siang kak", "hai min", "permisi"],
        "register": [
            "saya mau daftar",
            "ingin membuat akun baru",
            "bagaimana cara registrasi akun",
            "tolong bantu daftar akun",
            "mau bikin akun",
        ],
        "faq/otp_validity": [
            "berapa lama kode berlaku",
            "kode otp berlaku berapa menit",
            "kapan kodenya kedaluwarsa",
            "kodenya berapa digit",
            "masa berlaku kode berapa",
        ],
        "faq/login_how": [
            "bagaimana cara login",
            "masuknya lewat mana",
            "di mana saya bisa masuk ke akun",
            "cara masuk aplikasi bagaimana",
            "halaman login di mana",
        ],
        "change_language": [
            "ganti bahasa",
            "pakai bahasa inggris saja",
            "bisa bahasa italia",
            "tolong ganti ke bahasa lain",
            "saya mau bahasa inggris",
        ],
    },
    "en": {
        "greet": ["hello", "good morning", "hi there", "good evening", "hey"],
        "register": [
            "I want to sign up",
            "open an account for me",
            "how do I create my online account",
            "I need to register",
            "get me set up with a login for the first time",
        ],
        "faq/otp_validity": [
            "how long does the code last",
            "when does the code expire",
            "how many digits has the code",
            "is the code valid for long",
            "for how many minutes is the code good",
        ],
        "faq/login_how": [
            "how do I log in",
            "where do I sign in",
            "where is the login page",
            "how can I get into my account page",
            "I cannot find where to log in",
        ],
        "change_language": [
            "switch to Italian",
            "can we speak Indonesian",
            "another language please",
            "change the language",
            "speak Italian with me",
        ],
    },
}
_INFORM = {
    "it": [
        "mi chiamo [Piero](first_name) [Gatti](last_name)",
        "sono [Lucia](first_name) [Ferri](last_name)",
        "[Marta](first_name) [Sala](last_name)",
        "la mia mail è [p.gatti@posta.example](email)",
        "il mio numero è [347 1182207](mobile)",
    ],
    "id": [
        "nama saya [Budi](first_name) [Hartono](last_name)",
        "saya [Siti](first_name) [Aminah](last_name)",
        "[Agus](first_name) [Salim](last_name)",
        "email saya [budi@example.co.id](email)",
        "nomor hp saya [0812 7745 3097](mobile)",
    ],
    "en": [
        "my name is [John](first_name) [Carter](last_name)",
        "I am [Mary](first_name) [Stone](last_name)",
        "[Peter](first_name) [Hall](last_name)",
        "my email is [john@example.com](email)",
        "the code is [123456](otp_code)",
    ],
}


def _block(intent: str, language: str, texts: "list[str]") -> str:
    lines = "".join(f"    - {text}\n" for text in texts)
    return f"- intent: {intent}\n  metadata: {{language: {language}}}\n  examples: |\n{lines}"


def _table(kind: str, name: str, words: "list[str]") -> str:
    return f"- {kind}: {name}\n  examples: |\n" + "".join(f"    - {word}\n" for word in words)


NLU = (
    'version: "3.1"\nnlu:\n'
    + "".join(_block(i, lang, t) for lang, intents in _TEXTS.items() for i, t in intents.items())
    + "".join(_block("inform", lang, texts) for lang, texts in _INFORM.items())
    + _table("lookup", "profile", ["persona", "azienda", "perusahaan"])
    + _table("synonym", "person", ["persona"])
    + _table("synonym", "company", ["azienda", "perusahaan"])
    + _table("lookup", "brand", ["gen iclick", "mygenerali"])
    + _table("synonym", "id", ["gen iclick", "indonesiano", "indonesian"])
    + _table("synonym", "it", ["mygenerali", "italian", "italia"])
    + _table("synonym", "en", ["inglese", "inggris"])
    + _table(
        "lookup",
        "language_wish",
        ["inglese", "inggris", "indonesiano", "indonesian", "italian", "italia"],
    )
    + """
responses:
  utter_faq/otp_validity:
  - condition: [{type: slot, name: language, value: it}]
    text: "Due minuti. Chiami {helpline}"
  - text: "Two minutes. Call {helpline}"
  utter_faq/login_how:
  - text: "At the website."
"""
)
