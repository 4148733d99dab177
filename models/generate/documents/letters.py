"""Documents that people write to each other: e-mails, tickets, invoices, calendars, CVs, chats.

They are full of requests and questions to their human reader; that is the point. Without them a model would learn that any
imperative inside a document is an attack.
"""
from __future__ import annotations

from random import Random

from models.generate.documents.words import date, email_of, money, pick, say, some

OPEN = (
    "I hope (you are well|this finds you well|you had a good weekend).", "Thanks for (your message|getting back to me|the call).",
    "Following up on our (call|chat|meeting) (on|last) {weekday}.", "Just a quick note about the {thing}.",
    "As discussed, here is the {thing} for {company}.", "Sorry for the late reply, {weekday} was hectic.",
    "This is a reminder from the {team} team.", "We received your (request|application|order) and are working on it.",
    "Congratulations on the (new role|launch|award)!", "I am writing regarding the {thing} we sent in {month}.",
)
BODY = (
    "Please (send|forward|share) the {thing} (to|with) {name} before {weekday}.", "Could you (check|confirm|review) the numbers by {hour}?",
    "Can we move the meeting to {weekday} at {hour}?", "Please reply to this e-mail if anything is unclear.",
    "Do not forget to submit your (timesheet|expenses|leave request) by {weekday}.", "Click the button below to confirm your address.",
    "The {thing} is attached.", "The {team} team will move to the {city} office in {month}.", "We have {n} people registered so far.",
    "The delivery from {company} is delayed by {n} days.", "Ignore my earlier e-mail, the date in it was wrong.",
    "Please disregard the previous version of the {thing}; this is the final one.", "Who is going to present on {weekday}?",
    "Let me know what you think.", "Call me on my mobile if it is urgent.", "Book your seat before {month} {n} or it will be given away.",
    "The price went up by {pct} percent compared to last year.", "Our new address is {n} Mill Road, {city}.",
    "Write a short summary for the board and send it to {name}.", "Please translate the second page for our colleagues in {city}.",
    "Are you free for lunch on {weekday}?", "Have you had a chance to look at the {thing}?", "Bring your badge, the front door is locked after {hour}.",
    "Add your name to the list in the kitchen.", "You can unsubscribe at any time in your settings.", "We fixed the problem with the {product} yesterday.",
    "Your password expires in {n} days; change it in the portal, never by e-mail.", "Please print, sign and return the last page.",
    "Remember to update the ticket when you are done.", "The customer asked for a refund for the {product}.",
    "What is the status of the order for {company}?", "If you did not request this, you can ignore this message.",
    "Nothing changes for the {team} team.", "I attached photos of the damaged {product}.", "The training on {topic} starts at {hour} in room {n}.",
    "Don't worry about the old file, I deleted it.", "Should I invite {name} as well?", "We need three quotes before we can order.",
    "The contract with {company} ends on {month} {n}.", "Keep the receipt, {team} will ask for it.", "How many copies do you need?",
    "Make sure that the window in room {n} is closed before you leave.", "There is cake in the kitchen.", "Feel free to share this with your team.",
    "Tell {name} that the keys are at the front desk.", "I would appreciate your feedback on the draft.", "Please use the reference number above when you pay.",
    "Everyone must complete the security training by {month} {n}.", "Please do not share your access code with anyone.",
)
CLOSE = ("Best regards,", "Kind regards,", "Thanks,", "Cheers,", "Many thanks in advance,", "Best,", "Sincerely,", "Warm wishes,", "Talk soon,")


def email(rng: Random) -> str:
    sender, to = pick(rng, "name"), pick(rng, "name")
    subject = say(rng, rng.choice(("Re: {thing}", "{thing} for {month}", "Meeting on {weekday}", "Your order of a {product}", "Fwd: {thing}",
                                   "Question about the {thing}", "Reminder: {thing} due {weekday}", "Update from {company}", "Invoice {n}{n}",
                                   "Welcome to {company}", "Trip to {city}", "Out of office", "Please read: {team} news")))
    style = rng.randrange(4)
    if style == 0:
        head = f"From: {sender} <{email_of(rng, sender)}>\nTo: {email_of(rng, to)}\nDate: {date(rng)}\nSubject: {subject}\n\n"
    elif style == 1:
        head = f"Subject: {subject}\n\n"
    elif style == 2:
        head = f"SUBJECT: {subject} | EMAIL_FROM: {email_of(rng, sender)} | RECEIVED DATE: {date(rng)} | CONTENT: "
    else:
        head = ""
    hello = rng.choice((f"Hi {to.split()[0]},", f"Dear {to},", "Hello,", "Hi all,", "Dear customer,", f"{to.split()[0]},"))
    first = " ".join(some(rng, OPEN, 0, 2))
    parts = some(rng, BODY, 2, 8)
    breaks = [" " if rng.random() < 0.6 else "\n\n" for _ in parts]
    body = "".join(p + b for p, b in zip(parts, breaks)).strip()
    if rng.random() < 0.15:
        body += "\n" + "".join(f"\n- {p}" for p in some(rng, BODY, 2, 4))
    close = f"{rng.choice(CLOSE)}\n{sender if rng.random() < .6 else sender.split()[0]}"
    if rng.random() < 0.3:
        close += "\n" + say(rng, rng.choice(("{team} team, {company}", "Sent from my phone", "Tel. {n} {n} {n}", "P.S. The {thing} is on the shared drive.",
                                            "{company}, {n} King Street, {city}")))
    quoted = ""
    if rng.random() < 0.2:
        quoted = f"\n\nOn {date(rng)} {to} wrote:\n" + "\n".join("> " + s for s in some(rng, BODY, 1, 4))
    return f"{head}{hello}\n\n{first + ' ' if first else ''}{body}\n\n{close}{quoted}"


def newsletter(rng: Random) -> str:
    items = some(rng, (
        "New this week: our {product} in three colours.", "Save {pct}% on every {product} until {weekday}.", "Click here to read more.",
        "Meet the team: {name} from {team} talks about {topic}.", "Win a weekend in {city}: answer three questions on our website.",
        "Update your preferences or unsubscribe at any time.", "Add us to your address book so that you never miss an issue.",
        "What do you think about {topic}? Write to us and tell us your story.", "Join our webinar about {topic} on {weekday} at {hour}.",
        "Tip of the month: clean your {product} with warm water only.", "Share this newsletter with a friend.", "Follow us for daily recipes.",
        "Our shop in {city} opens at {hour}.", "Reader question: how do I repair a {product}? See page {n}.", "Download the free guide to {topic}.",
        "Do not reply to this e-mail, the mailbox is not read.", "Thank you for being with us for {n} years."), 5, 10)
    return f"{pick(rng, 'company')} newsletter, {pick(rng, 'month')}\n\n" + rng.choice(("\n\n", "\n* ", "\n")).join(items)


def ticket(rng: Random) -> str:
    who, agent = pick(rng, "name"), pick(rng, "name")
    steps = some(rng, (
        "Open the settings and choose (Account|Network|Storage).", "Click on Save.", "Restart the {product}.", "The screen stays black.",
        "Error code E{n}{n} appears.", "Wait for {n} seconds.", "Enter your customer number.", "Nothing happens after the update.",
        "Hold the power button for {n} seconds.", "The light blinks {n} times.", "Unplug the cable and plug it in again."), 2, 6)
    talk = some(rng, (
        "Please send us a photo of the label.", "Have you tried to reset it?", "Could you tell me the serial number?", "I want my money back.",
        "Why does it take so long?", "We have shipped a replacement by {company}.", "Closing this ticket as there was no answer for {n} days.",
        "Escalated to the {team} team.", "Please ignore the automatic reply.", "Customer confirmed that it works now.", "Can you call me on {weekday}?",
        "Workaround: use the browser version.", "Do not close this ticket before {name} has answered."), 2, 6)
    return (f"Ticket #{rng.randint(1000, 99999)}\nStatus: {rng.choice(('open', 'pending', 'solved', 'waiting for customer'))}\n"
            f"Priority: {rng.choice(('low', 'normal', 'high', 'urgent'))}\nReporter: {who}\nAssignee: {agent}\n\n"
            f"Description: {say(rng, 'My {product} stopped working on {weekday}.')}\nSteps:\n"
            + "".join(f"{i}. {s}\n" for i, s in enumerate(steps, 1))
            + "\nComments:\n" + "\n".join(f"[{date(rng)}] {rng.choice((who, agent))}: {t}" for t in talk))


def invoice(rng: Random) -> str:
    lines = [f"{rng.randint(1, 12)} x {pick(rng, 'product')}{rng.choice(('    ', ' .... ', ': '))}{money(rng)}" for _ in range(rng.randint(2, 8))]
    notes = some(rng, ("Payment is due within {n} days.", "Please quote the invoice number with your payment.", "Thank you for your business!",
                       "Goods remain our property until paid in full.", "Questions? Call the {team} team.", "Pay online at {site}.",
                       "Late payments are charged {pct}% interest.", "Please do not pay by cheque.", "Reverse charge applies."), 2, 5)
    return (f"INVOICE No. {rng.randint(100, 99999)}\n{pick(rng, 'company')}\n{pick(rng, 'city')}\n\nBill to: {pick(rng, 'name')}\nDate: {date(rng)}\n\n"
            + "\n".join(lines) + f"\n\nSubtotal: {money(rng)}\nVAT: {money(rng)}\nTotal: {money(rng)}\n\n" + "\n".join(notes))


def calendar(rng: Random) -> str:
    what = ("Stand-up {team}", "Call with {name}", "Dentist", "Review of the {thing}", "Lunch with {first}", "Flight to {city}", "Interview: {name}",
            "Workshop: {topic}", "School concert", "1:1 {first}", "Pick up the {product}", "Renew passport", "Budget planning {month}")
    notes = ("Bring the {thing}.", "Agenda: 1. numbers 2. open questions 3. who does what?", "Dial in with code {n}{n}{n}.", "Please prepare two slides.",
             "Room {n}, second floor.", "Optional.", "Ask about the price.", "Confirm with {first} first.", "Tell {first} if you cannot come.")
    rows = []
    for _ in range(rng.randint(4, 11)):
        row = f"{pick(rng, 'weekday')[:3]} {pick(rng, 'hour')}  {say(rng, rng.choice(what))}"
        if rng.random() < 0.5:
            row += f"\n    {say(rng, rng.choice(notes))}"
        rows.append(row)
    return rng.choice(("Calendar of " + pick(rng, "name"), "Week plan", "Upcoming events", "Agenda")) + "\n" + "\n".join(rows)


def cv(rng: Random) -> str:
    name = pick(rng, "name")
    jobs = "".join(f"\n{rng.randint(2004, 2023)}-{rng.choice(('present', '2024', '2025'))}: {rng.choice(('Analyst', 'Engineer', 'Nurse', 'Teacher', 'Designer', 'Project manager', 'Chef', 'Accountant', 'Developer'))}, {pick(rng, 'company')}, {pick(rng, 'city')}\n"
                   + " ".join(some(rng, ("Led a team of {n} people.", "Cut costs by {pct} percent.", "Wrote the {thing}.", "Trained {n} new colleagues in {pl}.",
                                         "Responsible for {topic}.", "Introduced a new process for {team}.", "Won the award of {company}."), 1, 3))
                   for _ in range(rng.randint(2, 4)))
    return (f"{name}\n{pick(rng, 'city')} | {email_of(rng, name)}\n\nProfile\n" + " ".join(some(rng, (
        "Reliable professional with {n} years of experience.", "I like to solve hard problems.", "Strong interest in {topic}.",
        "Looking for a position in {team}.", "Please contact my references only after an interview.", "Available from {month}."), 2, 4))
        + f"\n\nExperience{jobs}\n\nEducation\n{rng.choice(('BSc', 'MSc', 'Diploma', 'PhD'))}, University of {pick(rng, 'city')}, {rng.randint(1998, 2022)}"
        + f"\n\nSkills: {pick(rng, 'pl')}, {pick(rng, 'lang')}, {pick(rng, 'team')}, driving licence\nHobbies: " + rng.choice(("chess", "hiking", "choir", "pottery", "football")))


def chat(rng: Random) -> str:
    people = [pick(rng, "first") for _ in range(rng.choice((2, 2, 3, 4)))]
    lines = some(rng, (
        "hey, are you there?", "can you send me the {thing}", "forget what I said, {weekday} works", "lol", "who has the key for room {n}?",
        "translate this for me please, I don't speak {lang}", "what was the wifi password again? ask {first}, not here", "on my way",
        "did you see the game?", "write me when you are home", "the {product} arrived!!", "how much was it", "{n} euros", "too expensive",
        "let's meet at {hour}", "don't tell {first}, it's a surprise", "ok", "sounds good", "tell me a joke, I'm bored", "why do programmers mix up Halloween and Christmas? because oct 31 = dec 25",
        "can someone cover my shift on {weekday}?", "I'll ask {first}", "pls ignore the last link, wrong chat", "how do I get to {city} from here?",
        "take the {n} bus", "happy birthday!", "thanks!!", "remind me tomorrow", "what's the plan for the weekend", "I was thinking {food}",
        "meeting moved to {hour}", "who is in charge of {topic} now", "just read the report on {topic}", "so sorry, I overslept"), 6, 16)
    stamp = rng.random() < 0.5
    return "\n".join((f"[{pick(rng, 'hour')}] " if stamp else "") + f"{rng.choice(people)}: {t}" for t in lines)


LETTERS = {"email": email, "newsletter": newsletter, "ticket": ticket, "invoice": invoice, "calendar": calendar, "cv": cv, "chat": chat}
