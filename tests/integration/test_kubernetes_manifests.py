"""The manifests for Kubernetes: by its schemas, by the restricted profile, and by what they name."""

from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml

from daemon import __version__
from daemon.settings import Settings, load
from tests.support.shipped import filled

PLACE = Path(__file__).parents[2] / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((PLACE / "kustomization.yml").read_text())
VERSIONS = ["1.28", kubernetes_validate.latest_version().rpartition(".")[0]]


def document(name: str) -> dict[str, Any]:
    """Return the one document of a file."""
    found: dict[str, Any] = yaml.safe_load((PLACE / name).read_text())
    return found


DEPLOYMENT = document("deployment.yml")
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
LABELS = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [*KUSTOMIZATION["resources"], "secret.example.yml"])
def test_each_manifest_is_valid(name: str, version: str) -> None:
    assert kubernetes_validate.validate(document(name), version, strict=True) == version


def test_a_misspelt_key_would_be_found() -> None:
    wrong = document("service.yml")
    wrong["spec"]["slector"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


def test_every_file_is_named_and_every_name_is_a_file() -> None:
    named = {*KUSTOMIZATION["resources"], *KUSTOMIZATION["configMapGenerator"][0]["files"]}
    optional = {"kustomization.yml", "secret.example.yml", "podmonitor.yml"}
    assert {path.name for path in PLACE.iterdir()} == named | optional


def test_the_image_is_that_of_this_version() -> None:
    assert [(one["name"], one["newTag"]) for one in KUSTOMIZATION["images"]] == [("nightporter", __version__)]


def test_nothing_says_in_which_namespace_it_is() -> None:
    assert "namespace" not in KUSTOMIZATION
    for path in PLACE.glob("*.yml"):
        assert "namespace" not in (yaml.safe_load(path.read_text()).get("metadata") or {}), path.name


def test_pods_keep_to_the_restricted_profile() -> None:
    pod, container = POD["securityContext"], CONTAINER["securityContext"]
    assert pod["runAsNonRoot"]
    assert (pod["runAsUser"], pod["runAsGroup"], pod["fsGroup"]) == (10001, 10001, 10001)
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["allowPrivilegeEscalation"] is False
    assert container["readOnlyRootFilesystem"] is True
    assert container["capabilities"] == {"drop": ["ALL"]}
    assert {"hostNetwork", "hostPID", "hostIPC"}.isdisjoint(POD)
    assert {next(key for key in one if key != "name") for one in POD["volumes"]} == {
        "configMap",
        "secret",
        "emptyDir",
    }
    assert POD["automountServiceAccountToken"] is False


def test_all_that_is_selected_or_mounted_is_there() -> None:
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"] == LABELS
    assert document("service.yml")["spec"]["selector"] == LABELS
    for name in ("disruption.yml", "podmonitor.yml"):
        assert document(name)["spec"]["selector"]["matchLabels"] == LABELS
    assert document("network.yml")["spec"]["podSelector"]["matchLabels"] == LABELS
    mounted = {one["name"] for one in CONTAINER["volumeMounts"]}
    assert mounted == {one["name"] for one in POD["volumes"]}
    volumes = {one["name"]: one for one in POD["volumes"]}
    assert volumes["secrets"]["secret"]["secretName"] == document("secret.example.yml")["metadata"]["name"]
    made = KUSTOMIZATION["configMapGenerator"][0]["name"]
    assert volumes["configuration"]["configMap"]["name"] == made


def test_several_porters_stand_duty_and_are_given_time_to_leave() -> None:
    assert DEPLOYMENT["spec"]["replicas"] >= 2
    assert DEPLOYMENT["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    (_, pause) = CONTAINER["lifecycle"]["preStop"]["exec"]["command"]
    assert POD["terminationGracePeriodSeconds"] > 10 + int(pause)
    probes = {
        name: CONTAINER[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")
    }
    assert probes == {"startup": "/-/healthy", "liveness": "/-/healthy", "readiness": "/-/ready"}


def test_no_replica_can_keep_a_state_of_its_own() -> None:
    (state,) = (one for one in CONTAINER["volumeMounts"] if one["mountPath"] == "/var/lib/nightporter")
    assert state["readOnly"] is True


def test_a_large_state_has_ten_minutes_to_be_brought_up_to_date() -> None:
    probe = CONTAINER["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 600


def test_porters_without_a_database_hold_no_node_up() -> None:
    assert document("disruption.yml")["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_the_configuration_within_is_sound(tmp_path: Path) -> None:
    secrets = document("secret.example.yml")["stringData"]
    settings: Settings = load(filled(PLACE / "nightporter.yml", tmp_path, secrets), {})
    port = next(one["containerPort"] for one in CONTAINER["ports"] if one["name"] == "http")
    assert settings.listen == ("0.0.0.0", port)
    assert settings.state.startswith("postgresql://")
    assert settings.web.token is not None
