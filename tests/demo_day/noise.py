"""How hurried people write: wishes as they type them, data in passing, titles with a slip."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random as Chance  # noqa: TID251 - a day has to be repeatable

from tests.talk import Reply
from tests.walk import Answer, Walk, has_begun

WISHES: dict[str, dict[str, tuple[str, ...]]] = {
    "it": {
        "register": (
            "ciao ho fatto la polizza ma nn ho ancora l account online, come faccio??",
            "BUONASERA VOLEVO ISCRIVERMI AL SITO GRAZIE",
            "salve mia figlia dice che si entra dal pc, io nn ci sono mai entrato mi iscrive lei?",
        ),
        "reset_password": (
            "nn mi ricordo + la pasword uff",
            "buongiorno sono bloccato fuori, la parola d'ordine non me la prende più",
            "ho bisogno di 1 password nuova x entrare",
        ),
        "recover_username": (
            "con che nome entro?? me lo so scordato",
            "lo user nn me lo ricordo piu, la psw si",
            "scusi qual era il mio nome utente non lo trovo da nessuna parte",
        ),
        "link_policy": (
            "ho un altra polizza e nn la vedo nel mio profilo, la mettete?",
            "vorrei aggiungere anke l'altro contratto",
            "manca una polizza nell area, me la attacca",
        ),
        "update_mobile": (
            "ho cambiato numero di tel, i messaggi arrivano ancora a quello vecchio",
            "ho perso il cellulare e ora ho una sim nuova col numero diverso",
            "xke mandate gli sms al vecchio numero? è cambiato",
        ),
        "view_documents": (
            "mi serve il pdf della polizza x la banca",
            "dove trovo le carte del contratto ke mi avete mandato",
            "mi fate vedere il contratto pls",
        ),
        "check_request": (
            "allora a ke punto siamo con la mia pratica",
            "vi ho mandato la richiesta l'altro giorno, novità?",
            "hey si sa qualcosa della mia domanda",
        ),
    },
    "id": {
        "register": (
            "kak mau bikin akun dong blm punya",
            "min gmn cara daftarnya ya sy nasabah baru",
            "SELAMAT SORE SAYA INGIN MENDAFTAR ONLINE",
        ),
        "reset_password": (
            "pw sy lupa kak gmn nih",
            "gabisa masuk akun, katasandi salah terus. minta yg baru",
            "tolong reset password dong udah coba berkali2",
        ),
        "recover_username": (
            "username sy apa ya kok lupa bgt",
            "usernameku hilang dr ingatan kak, bisa dikirim?",
            "lupa nama penggunanya min",
        ),
        "link_policy": (
            "kak sy ada polis satu lg mau dimasukin ke akun",
            "polis yg satunya blm muncul, tolong disambungin",
            "mau tambahin polis dong ke akun sy",
        ),
        "update_mobile": (
            "no hp sy ganti kak, yg lama udh ga aktif",
            "ganti nomer dong, kartu lama hangus",
            "hp ilang skrg pake nomor baru, tlg diganti datanya",
        ),
        "view_documents": (
            "mau liat pdf polis sy dmn ya",
            "minta dokumen polisnya dong kak",
            "buku polisnya bs dibuka dr sini ga",
        ),
        "check_request": (
            "pengajuan sy udh sampe mana ya",
            "kak permohonan kmrn gmn kabarnya",
            "request sy udah diproses blm",
        ),
    },
    "en": {
        "register": (
            "hiya got a policy w you but never made an online acount, can u sort it",
            "need to sign up for the portal thx",
            "hello good day, how do i get a login i am new customer",
        ),
        "reset_password": (
            "cant get in, pasword gone from my head",
            "hi need new pw asap locked out",
            "the password dont work anymore pls give me another",
        ),
        "recover_username": (
            "whats my user name again?? no clue",
            "forgot the username bit not the password",
            "i cant find what name i log in with",
        ),
        "link_policy": (
            "got a second policy, it isnt showing, can u add it",
            "pls add my other plan to my acount",
            "one of my policys is missing from the list, link it",
        ),
        "update_mobile": (
            "new number since last wk, ur texts go to the old one",
            "changed my sim, pls update the mobile",
            "lost my phone got a diff number now",
        ),
        "view_documents": (
            "where do i see my policy pdf",
            "need the contract papers for my landlord",
            "can u show me the docs of my policy pls",
        ),
        "check_request": (
            "any news on that request i sent",
            "whats happening w my request",
            "did u look at my application yet",
        ),
    },
}
PASSING: dict[str, tuple[str, ...]] = {
    "it": ("{}", "allora {}", "ecco {}", "{} grazie", "è {}", "ok. {}"),
    "id": ("{}", "ini kak {}", "{} ya", "oke {}", "{} kak", "nih {}"),
    "en": ("{}", "its {}", "ok {}", "{} thx", "here you go {}", "{} pls"),
}
_SHORTEST = 6  # letters; a slip in a shorter word makes another word


def with_a_slip(words: str, chance: Chance) -> str:
    """Two letters of one long word the other way round; unchanged where no word is long."""
    parts = words.split(" ")
    long = [i for i, part in enumerate(parts) if len(part) >= _SHORTEST and part.isalpha()]
    if not long:
        return words
    at = chance.choice(long)
    word = parts[at]
    begin = chance.randrange(1, len(word) - 2)
    parts[at] = word[:begin] + word[begin + 1] + word[begin] + word[begin + 2 :]
    return " ".join(parts)


@dataclass
class NoisyWalk(Walk):
    """Says everything in the way of somebody in a hurry, and a second time plainly."""

    chance: Chance = field(default_factory=Chance)
    language: str = "en"
    said: set[str] = field(default_factory=set)
    repeated: int = 0

    def begins(self, words: str, flow: str) -> Reply:
        wish = self.chance.choice(WISHES[self.language][flow])
        reply = self._note(self.talk.says(wish))
        if has_begun(reply, flow):
            return reply
        self.repeated += 1
        return super().begins(words, flow)

    def gives(self, answer: Answer) -> Reply:
        said = answer if isinstance(answer, str) else answer(self.talk.last)
        key = f"{self.talk.last.asking}:{said}"
        if key in self.said:
            self.repeated += 1
            return super().gives(said)
        self.said.add(key)
        return self._note(self.talk.says(self._hurried(said)))

    def _hurried(self, said: str) -> str:
        titles = self.talk.last.titles
        if said not in titles:
            return self.chance.choice(PASSING[self.language]).format(said)
        as_typed = (
            str(titles.index(said) + 1),
            said.lower(),
            with_a_slip(said, self.chance),
        )
        return self.chance.choice(as_typed)
