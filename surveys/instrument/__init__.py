"""The instrument engine: from an XLSForm workbook to the next page. No Django, no database, no clock, no chance.

A map for whoever reads it for the first time, from the ground up:

    model, media, languages, problems     a compiled questionnaire: pages, groups, items, choice lists, all frozen
    language/                             expressions: text to tree to closure, and every function in one registry
    authoring/                            a workbook to a model, or what is wrong with it, by sheet, row and column
    schema, expressions, analysis,        names bound to slots; which expression reads what, in which order nodes are
      binding, dependencies, graph,       worked out, and everything that is wrong with expressions
      checks
    built, steps, frames, choices, casts, an instrument made ready to run (`Program`), and what it makes of answers
      environment, evaluation             (`State`): relevance, values, choices offered
    document, controls, calculated, visit the answers as JSON, and a browser's post read into them
    pages, screens, hubs, questions,      which pages there are, what holds a respondent on one, which comes next, where
      findings, advance, resuming         someone goes on who comes back. `advance` is the entrance
    view, page_view, media_view, texts,   what is drawn: every expression worked out, every text in one language
      messages, review
    final                                 the final answers, and why each that is missing is
    samples, respondents, walk/           simulated respondents
    diff/                                 two versions compared
    conformance, conformance_forms,       the engine scored on recorded cases of other engines
      conformance_rules

Short words that run through it: the `key` of an item or a repeat is unique and stands in the answers, its `path` is
where it stands in the workbook; an *instance* is one round of a repeat, named by its id, "" being the root; a *place*
is a key and an instance, where one answer stands; an *entry* is an instance as respondents see it on a *hub*, and a
*screen* a page in one entry.
"""
