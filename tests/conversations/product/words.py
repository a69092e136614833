"""What customers say in between: plain, in each language, and never twice the same way in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Lacking:
    """How somebody says that they can't answer."""

    data: tuple[str, ...]
    choice: tuple[str, ...]


# What is asked, and what the answer must hold.
QUESTION: Final = {
    "it": (
        ("Scusi, una curiosità: per quanti minuti è buono il codice?", "2 minuti"),
        ("Mi dice una cosa, le sei cifre dopo quanto scadono?", "2 minuti"),
    ),
    "id": (
        ("Mau tanya dulu, kode verifikasinya bertahan berapa menit?", "2 menit"),
        ("Sebentar, kode enam angka itu kedaluwarsanya berapa lama?", "2 menit"),
    ),
    "en": (
        ("Quick question first: for how many minutes does the code work?", "2 minutes"),
        ("Before I go on, how soon does the six-digit code expire?", "2 minutes"),
    ),
}
WHY: Final = {
    "it": ("Scusi ma a che cosa Le serve questo?", "E perché me lo chiede?"),
    "id": ("Maaf, ini diperlukan untuk apa ya?", "Mengapa saya harus memberi ini?"),
    "en": ("Sorry, what do you need this for?", "And why are you asking me that?"),
}
RESEND: Final = {
    "it": (
        "Il codice non è arrivato, può mandarlo di nuovo?",
        "Mi rispedisce il codice, per favore?",
    ),
    "id": ("Kodenya belum sampai, tolong dikirim lagi", "Minta kirim kode sekali lagi ya"),
    "en": ("The code hasn't come, could you send it once more?", "Please resend me that code"),
}  # fmt: skip
OTHER_LANGUAGE: Final = {
    "it": (
        ("Could you speak English with me, please?", "en"),
        ("Bisa pakai bahasa Indonesia?", "id"),
    ),
    "id": (("Could you speak English with me, please?", "en"), ("Può parlare in italiano?", "it")),
    "en": (("Può parlare in italiano?", "it"), ("Bisa pakai bahasa Indonesia?", "id")),
}  # fmt: skip
BACK_TO: Final = {
    "it": "Torniamo all'italiano, per favore",
    "id": "Kembali ke bahasa Indonesia saja ya",
    "en": "Let's go back to English, please",
}
# Another task, and the same for who is in the middle of that one.
OTHER_TASK: Final = {
    "it": (
        "Aspetti, prima vorrei cambiare la password dimenticata",
        "Anzi, prima voglio aprire un account",
    ),
    "id": ("Eh, saya mau ganti kata sandi yang lupa dulu", "Eh, saya mau daftar akun online dulu"),
    "en": (
        "Wait, first I want to reset the password I forgot",
        "Wait, first I want to open a new account",
    ),
}  # fmt: skip
CANCEL: Final = {
    "it": ("Basta così, non voglio più continuare: annulli", "Annulla, ci rinuncio"),
    "id": ("Sudah, tidak jadi, tolong dibatalkan", "Batal, saya tidak mau lanjut"),
    "en": ("Stop, I don't want to go on, please cancel this", "Cancel it, I give up"),
}
NOT_AVAILABLE: Final = {
    "it": Lacking(
        ("Mi spiace, al momento non ce l'ho con me", "Questo dato non lo so proprio"),
        ("Non saprei proprio", "Non so dirglielo"),
    ),
    "id": Lacking(
        ("Maaf, saya nggak punya itu sekarang", "Maaf, saya tidak punya datanya sekarang"),
        ("Maaf, saya belum tahu", "Maaf, itu tidak saya ketahui"),
    ),
    "en": Lacking(
        ("Sorry, I don't have that with me right now", "I really don't know that one"),
        ("I really couldn't say", "I'm not sure, I don't know"),
    ),
}
MISTAKE: Final = {
    "it": ("Scusi, mi sono sbagliato", "Ops, ho fatto un errore"),
    "id": ("Maaf, saya salah tadi", "Aduh, saya keliru"),
    "en": ("Sorry, I made a mistake", "Oops, I got something wrong"),
}
# Datum -> language -> how it is put right.
CORRECTION: Final = {
    "profile": {
        "it": ("No, aspetti, il profilo è {}", "Scusi, il profilo giusto è {}"),
        "id": ("Eh bukan, profil saya {}", "Maaf, profil yang benar {}"),
        "en": ("No, wait, the profile is {}", "Sorry, the right profile is {}"),
    },
    "policy_type": {
        "it": ("No, aspetti, la polizza è {}", "Scusi, il tipo giusto è {}"),
        "id": ("Eh bukan, polisnya {}", "Maaf, jenis yang benar {}"),
        "en": ("No, wait, the policy type is {}", "Sorry, the right type is {}"),
    },
    "first_name": {
        "it": ("No, aspetti, il nome è {}", "Scusi, il nome giusto è {}"),
        "id": ("Eh bukan, nama depan saya {}", "Maaf salah, nama depannya {}"),
        "en": ("No, wait, the first name is {}", "Sorry, my first name should be {}"),
    },
    "last_name": {
        "it": ("No, aspetti, il cognome è {}", "Scusi, il cognome giusto è {}"),
        "id": ("Maaf salah, nama belakangnya {}", "Maaf tadi salah ketik, nama belakangnya {}"),
        "en": ("No, wait, the last name is {}", "Sorry, my surname should be {}"),
    },
    "company_name": {
        "it": ("No, aspetti, la ragione sociale è {}", "Scusi, l'azienda si chiama {}"),
        "id": ("Eh bukan, nama perusahaannya {}", "Maaf salah, perusahaannya bernama {}"),
        "en": ("No, wait, the company name is {}", "Sorry, the company is called {}"),
    },
    "vat_number": {
        "it": ("No, aspetti, la partita IVA è {}", "Scusi, la partita IVA giusta è {}"),
        "id": ("Eh bukan, partita IVA-nya {}", "Maaf salah, partita IVA yang benar {}"),
        "en": ("No, wait, the VAT number is {}", "Sorry, the VAT number should be {}"),
    },
    "tax_code": {
        "it": ("No, aspetti, il codice fiscale è {}", "Scusi, il codice fiscale giusto è {}"),
        "id": ("Eh bukan, codice fiscale saya {}", "Maaf salah, codice fiscale yang benar {}"),
        "en": ("No, wait, the codice fiscale is {}", "Sorry, the codice fiscale should be {}"),
    },
    "date_of_birth": {
        "it": ("No, aspetti, la data di nascita è {}", "Scusi, la data di nascita giusta è {}"),
        "id": ("Eh bukan, tanggal lahir saya {}", "Maaf salah, tanggal lahirnya {}"),
        "en": ("No, wait, the date of birth is {}", "Sorry, my date of birth should be {}"),
    },
    "place_of_birth": {
        "it": ("No, aspetti, il luogo di nascita è {}", "Scusi, sono di {}, è lì che sono nato"),
        "id": ("Eh bukan, tempat lahir saya {}", "Maaf salah, saya lahir di {}"),
        "en": ("No, wait, the place of birth is {}", "Sorry, I was born in {}"),
    },
    "policy_number": {
        "it": ("No, aspetti, il numero di polizza è {}", "Scusi, il numero di polizza giusto è {}"),
        "id": ("Eh bukan, nomor polisnya {}", "Maaf salah, nomor polis yang benar {}"),
        "en": ("No, wait, the policy number is {}", "Sorry, the policy number should be {}"),
    },
    "contact": {
        "it": ("No, aspetti, l'e-mail è {}", "Scusi, l'indirizzo giusto è {}"),
        "id": ("Eh bukan, emailnya {}", "Maaf salah, alamat email yang benar {}"),
        "en": ("No, wait, the e-mail is {}", "Sorry, the e-mail should be {}"),
    },
    "new_mobile": {
        "it": ("No, aspetti, il numero nuovo è {}", "Scusi, il cellulare giusto è {}"),
        "id": ("Eh bukan, nomor barunya {}", "Maaf salah, nomor HP yang benar {}"),
        "en": ("No, wait, the new number is {}", "Sorry, the mobile number should be {}"),
    },
    "address": {
        "it": ("No, aspetti, l'indirizzo è {}", "Scusi, la via giusta è {}"),
        "id": ("Eh bukan, alamat saya {}", "Maaf salah, alamat yang benar {}"),
        "en": ("No, wait, the address is {}", "Sorry, the street should be {}"),
    },
    "city": {
        "it": ("No, aspetti, la città è {}", "Scusi, la città giusta è {}"),
        "id": ("Eh bukan, kotanya {}", "Maaf salah, kota yang benar {}"),
        "en": ("No, wait, the city is {}", "Sorry, the city should be {}"),
    },
    "username": {
        "it": ("No, aspetti, il nome utente è {}", "Scusi, il nome utente giusto è {}"),
        "id": ("Eh bukan, username saya {}", "Maaf salah, username yang benar {}"),
        "en": ("No, wait, the user name is {}", "Sorry, the user name should be {}"),
    },
    "request_number": {
        "it": ("No, aspetti, il numero della richiesta è {}", "Scusi, il numero giusto è {}"),
        "id": ("Eh bukan, nomor permohonannya {}", "Maaf salah, nomor yang benar {}"),
        "en": ("No, wait, the request number is {}", "Sorry, the right number is {}"),
    },
    "policy_choice": {
        "it": ("No, aspetti, volevo la polizza {}", "Scusi, intendevo la polizza {}"),
        "id": ("Eh bukan, maksud saya polis {}", "Maaf salah, yang saya mau polis {}"),
        "en": ("No, wait, I wanted policy {}", "Sorry, I meant policy {}"),
    },
}  # fmt: skip
