from django.db import migrations

FORWARDS = """
CREATE FUNCTION surveys_refuse_change_of_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'pictures and sounds of a published questionnaire version can''t be changed or deleted'
        USING ERRCODE = 'restrict_violation', HINT = 'Import the workbook with others: it becomes the next version.';
END $$;

CREATE FUNCTION surveys_keep_media_of_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- FOR SHARE: nobody publishes the version while what it shows is being changed.
    PERFORM FROM surveys_questionnaireversion
        WHERE id IN (OLD.questionnaireversion_id, NEW.questionnaireversion_id) AND state = 'published' FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'pictures and sounds of a published questionnaire version can''t be changed or deleted'
            USING ERRCODE = 'restrict_violation', HINT = 'Import the workbook with others: it becomes the next version.';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION surveys_keep_published_media() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM surveys_questionnaireversion_media shown
        JOIN surveys_questionnaireversion version ON version.id = shown.questionnaireversion_id
        WHERE shown.mediafile_id = OLD.sha256 AND version.state = 'published';
    IF FOUND THEN
        RAISE EXCEPTION 'pictures and sounds of a published questionnaire version can''t be changed or deleted'
            USING ERRCODE = 'restrict_violation', HINT = 'Import the workbook with others: it becomes the next version.';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER media_never_changes
    BEFORE UPDATE ON surveys_mediafile
    FOR EACH ROW EXECUTE FUNCTION surveys_refuse_change_of_media();
CREATE TRIGGER media_published_is_kept
    BEFORE DELETE ON surveys_mediafile
    FOR EACH ROW EXECUTE FUNCTION surveys_keep_published_media();
CREATE TRIGGER media_is_not_truncated
    BEFORE TRUNCATE ON surveys_mediafile
    FOR EACH STATEMENT EXECUTE FUNCTION surveys_refuse_change_of_media();
CREATE TRIGGER media_of_published_version_is_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON surveys_questionnaireversion_media
    FOR EACH ROW EXECUTE FUNCTION surveys_keep_media_of_published_version();
CREATE TRIGGER media_of_versions_is_not_truncated
    BEFORE TRUNCATE ON surveys_questionnaireversion_media
    FOR EACH STATEMENT EXECUTE FUNCTION surveys_refuse_change_of_media();
"""

BACKWARDS = """
DROP TRIGGER media_of_versions_is_not_truncated ON surveys_questionnaireversion_media;
DROP TRIGGER media_of_published_version_is_frozen ON surveys_questionnaireversion_media;
DROP TRIGGER media_is_not_truncated ON surveys_mediafile;
DROP TRIGGER media_published_is_kept ON surveys_mediafile;
DROP TRIGGER media_never_changes ON surveys_mediafile;
DROP FUNCTION surveys_keep_published_media();
DROP FUNCTION surveys_keep_media_of_published_version();
DROP FUNCTION surveys_refuse_change_of_media();
"""


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_media_of_labels")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
