"""What classroom/ tells Kubernetes, held against the chart's own schema and against what the kit has. No cluster runs it here."""

import json
import re

import jsonschema
import pytest
import yaml

from labsupport.commands.open_labs import FIRST
from labsupport.paths import CHECKOUT

CLASSROOM = CHECKOUT / "classroom"
(SCHEMA,) = (CHECKOUT / "tests" / "classroom").glob("values.schema-*.json")
VALUES, ONE_REDIS = "values.yaml", "values-one-redis.yaml"


def read(name: str) -> dict:
    return yaml.safe_load((CLASSROOM / name).read_text(encoding="utf8"))


@pytest.mark.parametrize("name", [VALUES, ONE_REDIS])
def test_the_chart_knows_all_values(name):
    jsonschema.validate(read(name), json.loads(SCHEMA.read_text(encoding="utf8")))


def test_the_schema_finds_a_name_that_the_chart_does_not_know():
    values = read(VALUES)
    values["singleuser"]["defaultURL"] = values["singleuser"].pop("defaultUrl")
    with pytest.raises(jsonschema.ValidationError, match="defaultURL"):
        jsonschema.validate(values, json.loads(SCHEMA.read_text(encoding="utf8")))


def test_one_version_of_the_chart():
    version = SCHEMA.stem.partition("-")[2]
    assert f"version {version}." in (CLASSROOM / VALUES).read_text(encoding="utf8")
    readme = (CLASSROOM / "README.md").read_text(encoding="utf8")
    assert re.findall(r"--version (\S+)", readme) == [version] * readme.count("--version")


def test_what_runs_is_what_the_image_has():
    image = (CLASSROOM / "Dockerfile").read_text(encoding="utf8")
    single = read(VALUES)["singleuser"]
    assert json.loads(re.search(r"^CMD (.*)$", image, re.MULTILINE)[1]) == single["cmd"]
    assert f"USER {single['uid']}:{single['fsGid']}" in image
    assert single["defaultUrl"] == f"/lab/tree/notebooks/{FIRST}"
    work = re.search(r"LAB_WORK=(\S+)", image)[1]
    assert work == read(VALUES)["hub"]["config"]["KubeSpawner"]["notebook_dir"]
    assert work.startswith(single["storage"]["homeMountPath"])


def test_nobody_comes_in_without_a_password():
    config = read(VALUES)["hub"]["config"]
    assert config["JupyterHub"]["authenticator_class"] == "firstuseauthenticator.FirstUseAuthenticator"
    assert not config["FirstUseAuthenticator"]["create_users"]
    assert "allow_all" not in config["Authenticator"]
    assert read(VALUES)["proxy"]["https"]["enabled"]
