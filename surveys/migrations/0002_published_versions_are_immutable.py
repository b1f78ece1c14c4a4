"""A published version can't be changed, deleted or truncated away, by whatever role or program."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION surveys_refuse_change_of_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published questionnaire version can''t be changed or deleted'
        USING ERRCODE = 'restrict_violation', HINT = 'Import the workbook again: it becomes the next version.';
END $$;

CREATE TRIGGER version_published_is_frozen
    BEFORE UPDATE OR DELETE ON surveys_questionnaireversion
    FOR EACH ROW WHEN (OLD.state = 'published')
    EXECUTE FUNCTION surveys_refuse_change_of_published_version();

CREATE TRIGGER version_is_not_truncated
    BEFORE TRUNCATE ON surveys_questionnaireversion
    FOR EACH STATEMENT
    EXECUTE FUNCTION surveys_refuse_change_of_published_version();
"""

BACKWARDS = """
DROP TRIGGER version_is_not_truncated ON surveys_questionnaireversion;
DROP TRIGGER version_published_is_frozen ON surveys_questionnaireversion;
DROP FUNCTION surveys_refuse_change_of_published_version();
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
