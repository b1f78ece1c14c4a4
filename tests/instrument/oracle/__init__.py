"""A second evaluator of questionnaires, to hold the engine against.

Simple and slow on purpose, written from the ODK XForms specification and the semantics contract, and sharing no code
with `surveys.instrument.language` or with the evaluation: its own reader, its own functions, values worked out when
they are asked for, by walking a tree of instances. Of the engine it knows only the model.
"""
