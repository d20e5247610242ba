"""The law's clocks of one case (docs/law.md 7–24, 33, 60–63; decisions/0092). Pure: facts and a day in, clocks out.

facts         what happened, each with its own moment      rules     what a procedure says, and the town
known_facts   what of it is known on a day                 delay     days or months, from one day to another
clock         the state of one clock, and its rule         duty      met, late, stopped: of what has a last day
doubt         why a person has to look, found by to_look_at, silence_rule and case_clocks
in_force      which version of a rule holds on a day       national_rules, procedure_in_force     the law's, a case's
withdrawals   what was told by mistake                     abuse     whether it stands declared
receipts · qualification · silence (with pieces, silence_rule) · transfer · remedy · rights · targets     a kind each
case_clocks   all of them, and what is due next
statement     what an acknowledgement says of silence      notice          the days that people are told of
sentences, in_words, doubts_in_words     what is shown, in words
"""
