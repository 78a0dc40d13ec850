"""The environment of a command: our addresses, none of the user's credentials, and the rest as it was."""

import pytest

from mockagent.harness.surroundings import KEY, filled_in, has_credentials, surroundings, surroundings_of_case
from mockagent.server.notices import ProxyReady, Ready

READY = Ready(
    "ws://127.0.0.1:1/v1/agent/converse", "ws://127.0.0.1:1/agent", "http://127.0.0.1:1", ("a", "b")
)
PROXY = ProxyReady("http://127.0.0.1:2", ("agent.deepgram.com",), "/tls/ca.pem")


def made(environment, **options):
    return surroundings(environment, READY, PROXY, "/tls/bundle.pem", **options)


def test_all_that_a_command_needs():
    assert made({}) == {
        "DEEPGRAM_API_KEY": KEY,
        "MOCKAGENT_URL": "ws://127.0.0.1:1/v1/agent/converse",
        "MOCKAGENT_EARLY_ACCESS_URL": "ws://127.0.0.1:1/agent",
        "MOCKAGENT_HTTP_URL": "http://127.0.0.1:1",
        "MOCKAGENT_SCENARIO": "a,b",
        "MOCKAGENT_CA": "/tls/ca.pem",
        "HTTPS_PROXY": "http://127.0.0.1:2",
        "https_proxy": "http://127.0.0.1:2",
        "SSL_CERT_FILE": "/tls/bundle.pem",
        "REQUESTS_CA_BUNDLE": "/tls/bundle.pem",
        "CURL_CA_BUNDLE": "/tls/bundle.pem",
        "NODE_EXTRA_CA_CERTS": "/tls/ca.pem",
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "no_proxy": "127.0.0.1,localhost,::1",
    }


def test_the_rest_stays_as_it_was():
    theirs = {"PATH": "/bin", "HTTP_PROXY": "http://proxy:3128", "DEEPGRAM_LOGGING": "10"}
    environment = made(theirs)
    assert {name: environment[name] for name in theirs} == theirs


def test_no_credential_is_passed_on_under_any_name():
    theirs = {
        "DEEPGRAM_API_KEY": "real",
        "DEEPGRAM_ACCESS_TOKEN": "token",
        "DG_KEY": "real",
        "TOKEN": "token",
    }
    environment = made(theirs, key="mine")
    assert not {"real", "token"} & set(environment.values())
    assert (environment["DEEPGRAM_API_KEY"], environment["DG_KEY"]) == ("mine", "mine")
    assert "DEEPGRAM_ACCESS_TOKEN" not in environment
    assert has_credentials(theirs) and not has_credentials({"DEEPGRAM_API_KEY": ""})


def test_a_credential_is_taken_out_of_a_longer_value():
    theirs = {"DEEPGRAM_API_KEY": "0123456789ab", "DEEPGRAM_ACCESS_TOKEN": "0123456789abcdef"}
    theirs |= {"AUTH": "Token 0123456789ab", "BOTH": "0123456789abcdef,0123456789ab"}
    environment = made(theirs, key="mine")
    assert (environment["AUTH"], environment["BOTH"]) == ("Token mine", "mine,mine")


def test_a_short_credential_eats_no_words():
    environment = made({"DEEPGRAM_API_KEY": "bin", "PATH": "/usr/bin"}, key="mine")
    assert environment["PATH"] == "/usr/bin"


def test_an_empty_credential_is_not_looked_for_elsewhere():
    assert made({"DEEPGRAM_API_KEY": "", "EMPTY": ""})["EMPTY"] == ""


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "wss_proxy", "WSS_PROXY", "socks_proxy"])
def test_no_other_proxy_comes_first(name):
    assert name not in made({name: "socks5://proxy:1080"})


@pytest.mark.parametrize(
    ("theirs", "kept"),
    [
        ("internal.example, 10.0.0.1", ",internal.example,10.0.0.1"),
        ("localhost", ""),
        ("*", ""),
        ("deepgram.com,x.example", ",x.example"),
        (".deepgram.com", ""),
        ("*.deepgram.com", ""),
        ("com", ""),
        ("Agent.Deepgram.com:443", ""),
        ("mydeepgram.com", ",mydeepgram.com"),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_is_reached_directly_stays_so_but_for_the_live_hosts(name, theirs, kept):
    environment = made({name: theirs})
    assert environment["NO_PROXY"] == environment["no_proxy"] == "127.0.0.1,localhost,::1" + kept


def test_certificates_of_the_users_node_are_in_the_bundle():
    assert made({"NODE_EXTRA_CA_CERTS": "/their.pem"})["NODE_EXTRA_CA_CERTS"] == "/tls/bundle.pem"


def test_addresses_in_arguments():
    command = ["app", "--url={url}", "{early_access_url} {http_url}", "{other}"]
    assert filled_in(command, READY) == [
        "app",
        "--url=ws://127.0.0.1:1/v1/agent/converse",
        "ws://127.0.0.1:1/agent http://127.0.0.1:1",
        "{other}",
    ]


def test_a_case_adds_its_own_places_in_arguments():
    assert filled_in(["{case}", "{url}"], READY, case="lunch", url="ws://here") == ["lunch", "ws://here"]


def test_a_case_has_a_key_of_its_own_and_no_way_past_the_server():
    theirs = {
        "DEEPGRAM_API_KEY": "precious",
        "SAME": "precious",
        "ALL_PROXY": "socks5://p:1",
        "HOME": "/home/me",
    }
    environment = surroundings_of_case(theirs, READY, "a key")
    assert "precious" not in environment.values()
    assert environment["DEEPGRAM_API_KEY"] == environment["SAME"] == "a key"
    assert environment["NO_PROXY"] == "127.0.0.1,localhost,::1"
    assert (environment.get("ALL_PROXY"), environment["HOME"]) == (None, "/home/me")
    assert environment["MOCKAGENT_URL"] == READY.url
