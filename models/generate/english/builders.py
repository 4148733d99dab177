"""Cores that are programs: what a template cannot write."""
import goals as goal_forms

BARE_FORMS = (
    "{raw}", "{raw}.", "{raw}?", "{do}", "{how}", "{how}?", "can you {do}", "Please {do}.", "I need you to {do}",
    "Could you {do}?", "{how}, step by step", "I want to know {how}", "What is the best way to do this: {raw}",
    "{do} for me", "Is there a way to find out {how}?", "Why would someone ask {how}?", "help me {do}",
    "I am curious {how}.", "{do} please", "give me a short answer: {how}?",
)


def bare_goals(goals):
    """Harmful questions without any manipulation. The topic alone is another head's matter."""

    def maker(goal):
        def make(rng):
            return rng.choice(BARE_FORMS).format(
                raw=goal.rstrip(".?! "), do=goal_forms.as_do(goal), how=goal_forms.as_how(goal))
        return make

    return [(str(number), maker(goal)) for number, goal in enumerate(goals)]
