"""Documents that many people read: product pages, reviews, FAQs, forums, news, abstracts, recipes, exams, contracts, HTML."""
from __future__ import annotations

from random import Random

from models.generate.documents.words import date, money, pick, say, some

NEWS = (
    "Officials in {city} said on {weekday} that the plan for {topic} would go ahead.", "The number of users rose by {pct} percent to {n},000.",
    "\"We were surprised by the result,\" said {name} of {company}.", "Critics say that the project is too expensive.",
    "The council will vote on the matter in {month}.", "A spokesperson for {company} declined to comment.", "Residents had complained for {n} months.",
    "Prices fell by {pct} percent after the announcement.", "The report compares {n} cities in {country} and {country}.",
    "Police asked drivers to avoid the centre until {hour}.", "Schools reopened on {weekday}.", "It was the first such decision in {n} years.",
    "Experts advise households to check their meters and compare offers.", "{name}, who leads the study, called for more money for {topic}.",
    "Should cities pay for {topic}? Opinions differ.", "The minister told parliament that no jobs would be lost.", "Rain is expected in the north.",
    "Shares in {company} closed {pct} percent higher.", "Work is to begin in {month} and to last {n} weeks.", "The museum asks visitors to book online.",
    "In a statement, {company} said it regretted the delay.", "The team from {city} won by two goals.", "Nobody was hurt.",
    "Read more about {topic} on page {n}.", "Tickets cost {n} dollars; children pay half.", "What happens next is unclear.",
)
ABSTRACT = (
    "We study {topic} in {n} regions of {country}.", "Previous work has focused on {topic} alone.", "Our data cover {n} months.",
    "We propose a simple model and compare it with {n} baselines.", "Results show an increase of {pct} percent (on average|in rural areas).",
    "How does {topic} affect household income?", "The effect was significant only in summer.", "We discuss limits and open questions.",
    "A survey of {n}0 participants supports the finding.", "To answer this question, we measured {topic} twice a day.",
    "These results suggest that policy should consider {topic}.", "Note that the sample is small.", "Code and data are available at {site}.",
    "Further research is needed.", "We find no evidence of a link between {topic} and {topic}.", "The method needs {n} minutes on one machine.",
)


def news(rng: Random) -> str:
    title = say(rng, rng.choice(("{city} to invest in {topic}", "{topic}: what you need to know", "{company} reports profit", "New rules for {topic}",
                                 "{country} debates {topic}", "Storm hits {city}", "How {city} changed its mind about {topic}")))
    head = rng.choice((f"{title}\n\n", f"{title}\n{pick(rng, 'name')}, {date(rng)}\n\n", f"{pick(rng, 'city').upper()} - ", ""))
    parts = some(rng, NEWS, 6, 14)
    return head + "".join(p + ("\n\n" if rng.random() < 0.25 else " ") for p in parts).strip()


def abstract(rng: Random) -> str:
    title = say(rng, rng.choice(("A study of {topic} in {country}", "Does {topic} matter?", "Measuring {topic} with cheap sensors", "Revisiting {topic}")))
    return rng.choice((f"{title}\n{pick(rng, 'name')} and {pick(rng, 'name')}\n\nAbstract. ", f"Title: {title}\nAbstract: ", "Abstract\n")) + " ".join(some(rng, ABSTRACT, 5, 12))


def product(rng: Random) -> str:
    facts = some(rng, ("Weight: {n} g", "Colour: black, green or red", "Material: recycled steel", "Warranty: {n} months", "Made in {country}", "Height: {n} cm",
                       "Delivery: {n} to {n} days", "Power: {n} W", "In stock: {n}"), 3, 7)
    text = some(rng, ("The {product} for everyday use.", "Order now and get it by {weekday}.", "Wipe with a dry cloth.", "Keep away from children.",
                      "Charge fully before first use.", "Choose your size below.", "Add to cart", "Do not use in the rain.", "Read the manual before you start.",
                      "Why choose this {product}? Because it lasts.", "Sign up and save {pct} percent.", "Customers also bought a {product}.", "Free returns within {n} days.",
                      "Compare with similar items"), 4, 8)
    return f"{pick(rng, 'company')} {pick(rng, 'product')}\n{money(rng)}\n\n" + " ".join(text) + "\n\n" + "\n".join(facts)


def reviews(rng: Random) -> str:
    pool = ("Works as described.", "Broke after {n} days, do not buy!", "My {first} loves it.", "Great {product}, would buy again.", "Too small for me, order one size up.",
            "Delivery took {n} days.", "The manual is only in {lang}, why?", "Buy it, you will not regret it.", "Ask for a refund if yours smells like plastic.",
            "Customer service never answered.", "Perfect for {topic} fans.", "I gave it to my neighbour.", "Does anyone know if it fits the old model?",
            "Not worth {n} dollars.", "Cheaper than in the shop in {city}.", "Ignore the bad reviews, it is fine.", "Try the blue one instead.", "Battery lasts {n} hours.",
            "Trust me, get the bigger one.")
    return say(rng, "Customer reviews: {product}") + "\n\n" + "\n\n".join(
        f"{'*' * rng.randint(1, 5)} {pick(rng, 'first')}, {date(rng)}\n" + " ".join(some(rng, pool, 2, 5)) for _ in range(rng.randint(2, 6)))


FAQ = (
    ("How do I reset my password?", "Click on \"Forgot password\" and follow the link in the e-mail."),
    ("Where is my order?", "Enter the order number on the tracking page of {company}."), ("Can I return a {product}?", "Yes, within {n} days. Print the label and bring the parcel to the post office."),
    ("What does delivery cost?", "Orders above {n} dollars are free."), ("Do you ship to {country}?", "Yes, it takes {n} days."),
    ("How can I contact you?", "Write to help@{site} or call us on weekdays."), ("Why was my card declined?", "Ask your bank. Do not send us your card number."),
    ("What are your opening hours?", "We open at {hour} except on {weekday}."), ("Who can join?", "Everybody above the age of {n}."),
    ("How do I cancel?", "Open your profile, choose Plan, then Cancel."), ("Is the {product} waterproof?", "No. Keep it dry."),
    ("What is {topic}?", "Read our guide, chapter {n}."), ("Can I change the language to {lang}?", "Yes, in the settings under Language."),
    ("How do I ignore notifications?", "Turn them off in the app."), ("Do you have a student price?", "Yes, show your card at the desk."),
)


def faq(rng: Random) -> str:
    pairs = rng.sample(FAQ, rng.randint(3, 8))
    style = rng.choice(("Q: {}\nA: {}", "{}\n{}", "**{}**\n{}", "- {} {}"))
    return rng.choice(("FAQ", "Frequently asked questions", "Help centre", "Questions and answers")) + "\n\n" + "\n\n".join(
        style.format(say(rng, q), say(rng, a)) for q, a in pairs)


def forum(rng: Random) -> str:
    asked = say(rng, rng.choice(("How do I clean a {product}?", "Which {product} should I buy for under {n} dollars?", "Is it safe to travel to {country} in {month}?",
                                 "What do you cook when you only have {n} minutes?", "Landlord wants to raise the rent by {pct}%, what can I do?", "Any tips for learning {lang}?",
                                 "What is the best way from {city} to {city}?", "Noise from the neighbours at {hour}, help!")))
    answers = ("Try vinegar and warm water.", "Depends. What is your budget?", "Read the rules first, this was asked {n} times.", "I would call {company}.", "Don't do it, I lost {n} dollars.",
               "Ask a lawyer.", "Take the train, the bus is slow.", "Start with ten words a day.", "Same here, following.", "Use the search function.", "Post a photo, please.",
               "Thanks, that solved it!", "Why would you want that?", "Ignore {first}, he always says that.", "Bought one in {city}, no problems so far.", "Write down the dates and keep a log.")
    return f"{pick(rng, 'first').lower()}{rng.randint(1, 99)} wrote:\n{asked} " + " ".join(some(rng, BODY_FORUM, 1, 4)) + "".join(
        f"\n\n{pick(rng, 'first').lower()}{rng.randint(1, 99)} replied:\n" + " ".join(some(rng, answers, 1, 4)) for _ in range(rng.randint(1, 5)))


BODY_FORUM = ("I am new here.", "I looked everywhere and found nothing.", "I live in {city}.", "It started {n} days ago.", "Please explain it simply.", "I have tried it {n} times.",
              "Thanks in advance!", "Edit: solved, thank you all.", "My budget is {n} dollars.", "English is not my first language.", "Please be kind.")


def recipe(rng: Random) -> str:
    amounts = some(rng, ("{n} g flour", "{n} g butter", "2 onions", "1 clove of garlic", "{n} ml milk", "3 eggs", "salt and pepper", "1 tin of tomatoes", "{n} g rice", "a pinch of sugar"), 4, 8)
    steps = some(rng, ("Heat the oven to {n}0 degrees.", "Chop the onions.", "Mix everything in a large bowl.", "Stir for {n} minutes.", "Add the rest slowly.", "Do not let it boil.",
                       "Taste and add salt.", "Let it rest for {n} minutes.", "Serve with bread.", "Ignore small lumps, they will dissolve.", "Drain and set aside.", "Write the date on the jar.",
                       "Cover with a cloth."), 4, 9)
    return say(rng, "{food}, serves {n}").capitalize() + "\n\nIngredients\n" + "\n".join("- " + a for a in amounts) + "\n\nMethod\n" + "\n".join(f"{i}. {s}" for i, s in enumerate(steps, 1))


def exam(rng: Random) -> str:
    tasks = some(rng, ("Explain the causes of inflation in your own words.", "What is the capital of {country}?", "Translate the text into {lang}.", "Write an essay of {n}0 words about {topic}.",
                       "Calculate {n} times {n}.", "Name three rivers in {country}.", "Who discovered penicillin?", "Describe the water cycle.", "Draw the graph.", "Compare two poems.",
                       "Answer all questions. Do not use a calculator.", "Summarise the passage in {n} words.", "What is the past tense of \"go\"?", "Show your work.",
                       "Define photosynthesis.", "Give an example of a {pl} loop.", "Discuss the role of {topic} in {country}."), 5, 11)
    return rng.choice(("Exam", "Worksheet", "Homework", "Quiz", "Test paper")) + f" - {rng.choice(('Grade', 'Class', 'Unit'))} {rng.randint(1, 12)}\nName: ________  Date: {date(rng)}\n\n" + "\n".join(
        f"{i}. {t} ({rng.randint(1, 10)} points)" for i, t in enumerate(tasks, 1))


def how_to(rng: Random) -> str:
    steps = some(rng, ("Unpack all parts and check that nothing is missing.", "Read these instructions to the end.", "Turn the screws by hand first.", "Download the app from {site}.", "Press and hold for {n} seconds.",
                       "Ask a second person to help.", "Connect the cable to port {n}.", "Choose your language.", "Enter the code from the label.", "Restart if the light is red.", "Do not overtighten.",
                       "Keep the packaging.", "Repeat steps 2 to {n} for the other side.", "Skip this step if you have the old model.", "Register at {site}."), 5, 10)
    return say(rng, rng.choice(("How to set up your {product}", "Assembly: {product}", "Getting started with your {product}", "To do for {weekday}"))) + "\n\n" + "\n".join(
        rng.choice(("{}. {}", "Step {}: {}")).format(i, s) for i, s in enumerate(steps, 1))


def contract(rng: Random) -> str:
    clauses = some(rng, ("The supplier shall deliver the {product} within {n} days.", "The customer shall pay {n}00 dollars per month.", "Either party may end this agreement with {n} days' notice.",
                         "The parties shall keep all information secret.", "The tenant must not sublet.", "This agreement is governed by the law of {country}.", "Notices shall be sent to {company}, {city}.",
                         "Neither party is liable for delays caused by weather.", "Changes must be made in writing.", "The provider shall not disclose passwords or access codes.", "The deposit is {n}0 dollars.",
                         "If a clause is void, the others remain valid.", "All previous agreements are replaced by this one.", "The employee shall follow the instructions of the employer."), 5, 11)
    return f"{rng.choice(('SERVICE AGREEMENT', 'LEASE', 'CONTRACT', 'TERMS OF USE', 'EMPLOYMENT AGREEMENT'))}\nbetween {pick(rng, 'company')} and {pick(rng, 'name')}\n\n" + "\n".join(
        f"{i}. {c}" for i, c in enumerate(clauses, 1))


def html(rng: Random) -> str:
    title = say(rng, rng.choice(("{company}", "{product} - {company}", "About {topic}", "Contact", "Blog: {topic}")))
    pool = NEWS + ("Subscribe to our newsletter.", "Click here to log in.", "Accept all cookies", "Add to cart", "Share this page", "Have a question? Write to us.")
    blocks = []
    for s in some(rng, pool, 4, 9):
        blocks.append(rng.choice((f"<p>{s}</p>", f"<div class=\"text\">{s}</div>", f"<li>{s}</li>", f"<h2>{s}</h2>", f"<td>{s}</td>")))
        if rng.random() < 0.25:
            blocks.append(rng.choice((f"<!-- {rng.choice(('TODO: replace this image', 'end of header', 'do not remove, used by the menu', 'start content', 'ignore in print view', 'generated, do not edit'))} -->",
                                      f"<img src=\"/img/{rng.randint(1, 99)}.jpg\" alt=\"{say(rng, rng.choice(('A {product}', 'View of {city}', 'Click to enlarge', 'Portrait of {name}')))}\">",
                                      f"<a href=\"https://{pick(rng, 'site')}/\">{rng.choice(('Read more', 'Click here', 'Next page', 'Order now'))}</a>",
                                      f"<span style=\"display:none\">{rng.choice(('loading', 'menu closed', 'error: please try again', 'required field'))}</span>")))
    glue = rng.choice(("\n", "\n", ""))
    body = glue.join(blocks)
    return rng.choice((f"<html><head><title>{title}</title></head>\n<body>\n{body}\n</body></html>", f"<h1>{title}</h1>\n{body}", body))


PAGES = {"news": news, "abstract": abstract, "product": product, "reviews": reviews, "faq": faq, "forum": forum, "recipe": recipe, "exam": exam,
         "how_to": how_to, "contract": contract, "html": html}
