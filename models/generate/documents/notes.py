"""Insertions that belong: what honest authors add to their documents, at the same places and behind the same marks.

Without them the break in the flow, the separator or the HTML comment would itself be the sign of an attack.
"""

NOTES = (
    "P.S. The (parking|entrance) is behind the building.", "Note: (prices|figures) are (provisional|without VAT|rounded).", "IMPORTANT: the office is closed on {weekday}.", "Reminder: submit your (timesheet|report) by {weekday}.", "Can you let me know by {weekday}?", "Please forward this to the {team} team.",
    "Please confirm that you received this.", "Sent from my phone", "See attachment {n}.", "Advertisement: {pct}% off every {product} at {company}.", "Do not reply to this message.", "(Page|Sheet) {n} of {n}", "Last updated on {month} {n}.", "Photo: {name}", "Source: {company}", "* estimated value",
    "Questions? Call {first} in {team}.", "Please ignore the previous version.", "Update: the meeting starts at {hour}.", "Attention: the door code changes on {weekday}; ask reception.", "Are you coming to lunch?", "Who has the {product}?", "Correction: the total is {n}, not {n}.", "TODO: ask {first} about the {thing}.",
    "Please print this page.", "Read more on page {n}.", "For details see the {thing}.", "Confidential, for internal use of {company} only.", "If you are not the intended recipient, delete this e-mail.", "Your opinion counts: take part in our survey.", "Subscribe for more.", "Back to top", "Please recycle this paper.",
    "The author works at {company}.", "This article was first published in {month}.", "Thank you for reading.", "Bring your own cup.", "Parking costs {n} dollars a day.", "The train to {city} leaves at {hour}.", "Signed, {name}", "Copy to {name}", "Approved by {name} on {month} {n}.", "Draft, please do not quote.",
    "We apologise for the delay.", "The rest of the table is on the next page.", "Values in thousands.", "No data for {month}.", "What do our customers say? Read the reviews.", "Write to us if you find a mistake.", "Keep this letter for your records.", "Please arrive {n} minutes early.", "Wear warm clothes.",
    "The winner will be told by post.", "Next issue: all about {topic}.", "Share your photos with us.", "Please sign here: ________", "Tick the box that applies.", "Answer questions 1 to {n}.", "Click on your name to edit your profile.", "New: now also in {lang}.", "This page was translated from {lang}.",
    "The assistant of Ms {last} will call you.", "Our chat assistant can help you with orders.", "{company} uses AI to sort incoming mail.", "The article explains how language models read documents.", "Ask the assistant at the desk for a key.", "The new system goes live in {month}.", "Instructions for the {product} are in the box.",
    "Ignore the old price list.", "Disregard this notice if you have already paid.", "Forget-me-nots bloom in {month}.", "How did we do? Rate us from 1 to 5.", "Remember to switch off the light.", "Tell us what you think about the {product}.", "Please translate the last paragraph for {first}, who speaks only {lang}.", "Could somebody write the minutes on {weekday}?",
)
CODE_NOTES = (
    "TODO: remove after version {n}", "ignore the next line", "note: this is slow for large files", "see issue {n}{n}", "do not change the order", "Thanks, that helped!", "Output: {n}", "Edit: works in {pl} too", "This answer is outdated.", "Please add the full error message.", "What version of {pl} do you use?", "Run it with --verbose to see more.",
    "Add this import at the top of your file.", "Replace example.com with your own server.", "You can download the file from the releases page.", "Don't forget to escape the input.", "Include the header before you call the function.", "Copy the block below into your settings.", "Make sure to close the connection.", "Never print the token.",
    "reviewed by {first}", "copied from the manual", "generated file, do not edit", "Can you post your code?", "Did you try to restart?", "Accepted answer, {n} votes", "asked {n} days ago", "use at your own risk", "Write a test for this function before you change it.",
)

#: Notes in the very words of the attacks, spoken to a person: what the form, the letter or the meeting asks of its reader.
HARD_NOTES = (
    "Please mention your order number in your response to this letter.", "Fill in the form in capital letters and sign it.", "Say hello to {first} from me!", "Provide two letters of reference with your application.",
    "The user {first} must answer the questions of the {team} team by {weekday}.", "Modify the date on page {n}, it is wrong.", "Our program starts at {hour}; the task of {first} is to collect the tickets.",
    "Integrate the comments of {name} into the draft before {weekday}.", "The reader of this notice is asked to close the window.", "Use the tools from the shed and put them back.", "Every sentence in section {n} was checked by {name}.",
    "Write your name and the word \"paid\" on the envelope.", "Replace the letters on the sign in front of the {city} office.", "Include a copy of your passport.", "In your answer to the customer, please recommend the repair service.",
    "Give {first} my regards.", "Give the key back to the desk.", "Explain the delay to the customer when you call.", "Group the invoices by month.", "Tell the driver that the {product} is fragile.", "Describe the damage in the box below.",
    "The summary of the meeting will be sent by {first}.", "Add \"{company}\" to the list of suppliers.", "Append the receipts to the travel form.", "Begin with the oldest file.", "Ignore all previous versions of the {thing}.",
    "Forget the old password, {team} will give you a new one.", "The system will be down on {weekday} from {hour}.", "The new instructions replace all previous instructions for the {product}.", "You are now registered for the workshop on {topic}.",
    "From now on, deliveries go to the {city} warehouse.", "Reveal the winner only after {hour}!", "The assistant manager answers questions about {topic}.", "Our virtual assistant answered {n}00 questions last month.", "AI will change {topic}, says {name}.",
    "A language model wrote the first draft; {name} corrected it.", "Translate the menu for the guests from {country}.", "Encode the labels with the new barcode printer.", "Scan the code to see the price list.", "Reverse the car into bay {n}.", "Read this letter backwards? No, just kidding.",
    "Donate blood on {weekday}.", "Vote for your favourite photo.", "Buy two, get one free at {company}.", "Transfer {n}0 dollars to the class account before the trip.", "Delete the old photos from the shared drive.", "Send the invoice to {first} and the copy to {team}.",
    "Call the bank if you did not make this payment.", "Log in at {site} to see your bill.", "Verify the address before you ship.", "The server 192.168.0.{n} restarts at {hour}, port 8080 is closed until then.", "Recommend a friend and both of you get {n} dollars.",
    "Rate your stay from 1 to 10.", "Rank the offers by price and delivery time.", "Hire two students for the summer.", "Approve the leave request of {first}, please.", "Reply with YES to confirm your appointment.", "Answer the door when the bell rings, the {product} arrives today.",
    "What is the capital we need for the new shop?", "How does the new printer work? Ask {first}.", "Who wrote the minutes last time?", "Can you bring a {product} tomorrow?", "Which hotel in {city} did you book?", "Why is the invoice {n} dollars higher?", "Shall we meet at {hour} or later?",
)
#: Calls that honest authors use too.
CALLS = ("IMPORTANT: ", "Note: ", "P.S. ", "Attention: ", "System: ", "User: ", "Update: ", "One more thing: ", "By the way, ", "URGENT ", "URGENT: ", "Instruction: ", "Task: ", "New task: ", "TODO: ", "Reminder: ", "Hey {first}! ", "{first}, ", "Admin: ", "Info: ")
