"""Functions called for real: a server, a client and an HTTP endpoint, each with its own sockets of the loopback."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mockagent.server import permission

PATIENT = "switches: {silence_for: 1 h, step_within: 1 h, think_for: 0 ms, history: false}\n"
STEPS = (
    "- user: Hi\n  when: text\n- call: {order_status: {order: '1042', parts: [1]}}\n- client: {closes: true}"
)
SECRET = "Bearer of-many-secrets"
WITHIN = 60.0
CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""For the name localhost alone, signed by itself, good until 2126."""


@pytest.fixture
def settings_with(settings):
    """Gives a Settings with the function order_status, run at an endpoint."""

    def make(url, **endpoint):
        function = {
            "name": "order_status",
            "description": "Where an order is",
            "parameters": {"type": "object", "properties": {"order": {"type": "string"}}},
            "endpoint": {"url": url, **endpoint},
        }
        body = settings()
        body["agent"] = {**body["agent"], "think": {**body["agent"]["think"], "functions": [function]}}
        return body

    return make


@pytest.fixture
def called(serving, scenario, settings_with):
    """Plays a session in which the function is called; gives what the client was told of it, and the server."""

    def play(
        url, *, steps=STEPS, switches=PATIENT, allowed_hosts=(), trace=None, speed=1.0, times=1, **endpoint
    ):
        async def run():
            play = scenario("orders", steps, switches)
            options = {"allowed_hosts": allowed_hosts, "speed": speed, "trace": trace}
            async with serving(play, **options) as running:
                async with running.client() as client:
                    await client.send(settings_with(url, **endpoint))
                    await client.until("SettingsApplied")
                    await client.send({"type": "InjectUserMessage", "content": "Hi"})
                    await client.until("FunctionCallRequest")
                    for _ in range(times):
                        told = await client.until_one_of("FunctionCallResponse", "Warning")
                await running.closed()
                assert running.findings() == []
                assert [each.ending for each in running.server.closed] == ["finished"]
                return told, running

        return asyncio.run(run())

    return play


def failure(told):
    assert (told["type"], told["code"]) == ("Warning", "FUNCTION_CALL_FAILED")
    return told["description"].removeprefix("The function order_status failed: ")


class TestCalled:
    """What the endpoint gets, and what becomes of its answer."""

    def test_the_arguments_are_posted_and_the_answer_is_the_result(self, called, endpoint):
        told, _ = called(endpoint.url)
        assert (told["type"], told["name"]) == ("FunctionCallResponse", "order_status")
        assert told["content"] == '{"status": "shipped"}'
        (request,) = endpoint.seen
        assert (request.method, request.path) == ("POST", "/orders")
        assert request.body == '{"order": "1042", "parts": [1]}'
        assert request.headers["Content-Type"] == "application/json"

    def test_method_and_headers_are_those_of_settings(self, called, endpoint):
        headers = {"authorization": SECRET, "content-type": "application/vnd.api+json"}
        called(endpoint.url, method="put", headers=headers)
        (request,) = endpoint.seen
        assert request.method == "PUT"
        assert request.headers["authorization"] == SECRET
        assert request.headers["content-type"] == "application/vnd.api+json"

    def test_how_the_request_is_framed_is_not_for_settings_to_say(self, called, endpoint):
        called(endpoint.url, headers={"content-length": "1", "transfer-encoding": "chunked", "x-other": "1"})
        (request,) = endpoint.seen
        assert request.body == '{"order": "1042", "parts": [1]}'
        assert request.headers["x-other"] == "1"

    def test_a_method_without_a_body_has_the_arguments_in_its_query(self, called, endpoint):
        called(f"{endpoint.url}?key=1", method="GET")
        (request,) = endpoint.seen
        address = urlsplit(request.path)
        assert (request.method, address.path, request.body) == ("GET", "/orders", "")
        assert parse_qs(address.query) == {"key": ["1"], "order": ["1042"], "parts": ["[1]"]}

    def test_user_and_password_of_the_address_are_its_credentials(self, called, endpoint):
        called(endpoint.url.replace("http://", "http://me:hush@"))
        assert endpoint.seen[0].headers["Authorization"] == "Basic bWU6aHVzaA=="

    def test_the_name_of_the_host_is_kept_in_the_request(self, called, endpoint):
        called(endpoint.url_at("localhost"))
        assert endpoint.seen[0].headers["Host"] == f"localhost:{endpoint.server_port}"

    @pytest.mark.parametrize(
        ("body", "type", "content"),
        [
            ("grün".encode(), "text/plain", "grün"),
            ("grün".encode("latin-1"), "text/plain; charset=latin-1", "grün"),
            (b"plain", "text/plain; charset=hex", "plain"),
            (b"", "text/plain", ""),
        ],
    )
    def test_the_answer_is_read_as_text(self, called, endpoint, body, type, content):
        endpoint.replies(body, Content_Type=type)
        assert called(endpoint.url)[0]["content"] == content

    @pytest.mark.parametrize(
        "type",
        ["text/plain", "text/plain; charset=utf-8", "text/plain; charset=hex", "text/plain; charset=ascii"],
    )
    def test_an_answer_that_is_no_text_is_a_failure(self, called, endpoint, type):
        endpoint.replies(b"gr\xfcn", Content_Type=type)
        assert failure(called(endpoint.url)[0]) == "its answer is no text."

    def test_no_proxy_is_asked(self, called, endpoint, new_endpoint, monkeypatch):
        proxy = new_endpoint()
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        called(endpoint.url)
        assert (len(endpoint.seen), proxy.connections) == (1, 0)

    def test_a_result_of_the_scenario_needs_no_call(self, called, endpoint):
        steps = STEPS.replace("- client", "  result: written\n- client")
        told, running = called(endpoint.url, steps=steps)
        assert (told["content"], endpoint.connections) == ("written", 0)
        assert running.of("trouble") == []


class TestFailed:
    """Whatever goes wrong is a Warning that says what, and the session goes on."""

    @pytest.mark.parametrize("status", [400, 404, 500, 503])
    def test_a_status_that_is_no_success(self, called, endpoint, status):
        endpoint.replies(b"hush", status)
        assert failure(called(endpoint.url)[0]) == f"its endpoint answered with status {status}."

    def test_a_redirect_is_not_followed(self, called, endpoint, new_endpoint):
        elsewhere = new_endpoint()
        endpoint.replies(b"", 307, Location=elsewhere.url)
        told, _ = called(endpoint.url)
        assert failure(told) == "its endpoint answered with a redirect (307), which is not followed."
        assert (len(endpoint.seen), elsewhere.connections) == (1, 0)

    def test_an_answer_that_is_too_large(self, called, endpoint):
        endpoint.replies(b"x" * 65_536)
        assert len(called(endpoint.url)[0]["content"]) == 65_536
        endpoint.replies(b"x" * 65_537)
        assert failure(called(endpoint.url)[0]) == "its endpoint answered with more than 65536 bytes."

    def test_an_answer_that_was_compressed_unasked(self, called, endpoint):
        endpoint.replies(b"x", Content_Encoding="gzip")
        assert (
            failure(called(endpoint.url)[0]) == "its endpoint compressed the answer, which nobody asked for."
        )

    def test_nobody_listens(self, called):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        told, _ = called(f"http://127.0.0.1:{port}/")
        assert failure(told) == f"nobody accepts connections at 127.0.0.1:{port}."

    def test_no_answer_in_time(self, called, endpoint):
        endpoint.never_replies()
        within = PATIENT.replace("}", ", function_within: 200 ms}")
        assert failure(called(endpoint.url, switches=within)[0]) == "its endpoint did not answer in time."
        assert endpoint.was_left.wait(WITHIN)

    def test_speed_does_not_make_the_time_shorter(self, called, endpoint):
        endpoint.answer.delay = 0.2  # where 10 s of the session pass in a hundredth of a second
        told, _ = called(endpoint.url, switches=PATIENT, speed=1000.0)
        assert told["content"] == '{"status": "shipped"}'

    def test_an_endpoint_that_breaks_off(self, called, endpoint):
        endpoint.replies(b"half", Content_Length="100", Connection="close")
        assert "broke off" in failure(called(endpoint.url)[0])

    def test_an_endpoint_that_does_not_speak_tls(self, called, endpoint):
        told, _ = called(endpoint.url.replace("http://", "https://"))
        assert failure(told) == f"127.0.0.1:{endpoint.server_port} does not speak TLS as it should."

    def test_a_certificate_is_checked_against_the_name_and_not_the_address(
        self, called, endpoint, monkeypatch
    ):
        endpoint.speaks_tls(CERTIFICATE)
        url, where = endpoint.url_at("localhost").replace("http://", "https://"), endpoint.server_port
        told, _ = called(url)
        assert failure(told).startswith(f"the certificate of localhost:{where} is not trusted: self")
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert called(url)[0]["content"] == '{"status": "shipped"}'
        told, _ = called(url.replace("localhost", "127.0.0.1"))
        assert failure(told).startswith(
            f"the certificate of 127.0.0.1:{where} is not trusted: IP address mismatch"
        )
        assert len(endpoint.seen) == 1

    @pytest.mark.parametrize(
        "given",
        [
            {"headers": {"x-key": "two\r\nlines: hush"}},
            {"headers": {"x-key": "h\u00fcsh"}},
            {"method": "GE T"},
        ],
    )
    def test_what_cannot_be_sent(self, called, endpoint, given):
        words = "its endpoint cannot be called with this address, method and headers."
        assert failure(called(endpoint.url, **given)[0]) == words
        assert endpoint.seen == []

    @pytest.mark.parametrize("url", ["http://", "http://[::1", "http://127.0.0.1:99999/"])
    def test_an_address_that_is_none(self, called, url):
        assert "its endpoint" in failure(called(url)[0])

    def test_a_host_that_was_named_and_does_not_exist(self, called, resolving):
        resolving({})
        told, _ = called("http://shop.test/", allowed_hosts={"shop.test"})
        assert failure(told) == "its host shop.test is not known."


@pytest.fixture
def resolving(monkeypatch):
    """Lets names stand for addresses, the first time for the first list, then for the next; gives what was asked."""

    def answer(names):
        asked = []

        def look_up(host, port, **options):
            asked.append(host)
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            addresses = names[host].pop(0) if len(names[host]) > 1 else names[host][0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in addresses]

        monkeypatch.setattr(permission.socket, "getaddrinfo", look_up)
        return asked

    return answer


class TestPermission:
    """Nothing leaves this machine but to hosts that were named, whatever a name stands for."""

    def test_another_address_is_not_called_and_the_user_is_told_how_it_would_be(self, called, new_endpoint):
        endpoint = new_endpoint("0.0.0.0")
        told, running = called(endpoint.url_at("0.0.0.0"))
        assert (told["type"], told["content"]) == ("FunctionCallResponse", "{}")
        assert endpoint.connections == 0
        assert [notice.text for notice in running.of("trouble")] == [
            "the function order_status was not called, and {} stands for its result: 0.0.0.0 is not this machine; "
            "--allow-host 0.0.0.0 lets it be called there (in a test: allow_host='0.0.0.0')"
        ]

    @pytest.mark.parametrize("port", ["", ":{port}"])
    def test_it_is_called_once_it_is_named(self, called, new_endpoint, port):
        endpoint = new_endpoint("0.0.0.0")
        name = "0.0.0.0" + port.format(port=endpoint.server_port)
        told, running = called(endpoint.url_at("0.0.0.0"), allowed_hosts={name})
        assert (told["content"], endpoint.connections) == ('{"status": "shipped"}', 1)
        assert running.of("trouble") == []

    def test_another_port_of_it_is_not(self, called, new_endpoint):
        endpoint = new_endpoint("0.0.0.0")
        told, _ = called(endpoint.url_at("0.0.0.0"), allowed_hosts={"0.0.0.0:1"})
        assert (told["content"], endpoint.connections) == ("{}", 0)

    def test_a_name_with_one_address_elsewhere_is_not_called(self, called, endpoint, resolving):
        resolving({"two-faced.test": [["127.0.0.1", "192.0.2.1"]]})
        told, running = called(endpoint.url_at("two-faced.test"))
        assert (told["content"], endpoint.connections) == ("{}", 0)
        assert "two-faced.test is not this machine" in running.of("trouble")[0].text

    def test_a_name_that_nobody_knows_is_not_called(self, called, resolving):
        resolving({})
        told, running = called("http://nowhere.test/")
        assert told["content"] == "{}"
        assert "nowhere.test is not known; --allow-host nowhere.test" in running.of("trouble")[0].text

    def test_what_was_looked_at_is_what_is_called(self, called, endpoint, resolving):
        asked = resolving({"rebinding.test": [["127.0.0.1"], ["192.0.2.1"]]})
        told, _ = called(endpoint.url_at("rebinding.test"))
        assert told["content"] == '{"status": "shipped"}'
        assert asked == ["rebinding.test"]
        assert endpoint.seen[0].headers["Host"].startswith("rebinding.test:")

    @pytest.mark.parametrize("addresses", [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]])
    def test_of_several_addresses_the_first_that_answers_is_taken(
        self, called, endpoint, resolving, addresses
    ):
        resolving({"many.test": [addresses]})
        told, _ = called(endpoint.url_at("many.test"))
        assert told["content"] == '{"status": "shipped"}'

    def test_of_each_function_the_user_is_told_once(self, called, new_endpoint):
        call = "- call: {order_status: {order: '1042', parts: [1]}}\n"
        steps, url = STEPS.replace(call, call * 2), new_endpoint("0.0.0.0").url_at("0.0.0.0")
        _, running = called(url, steps=steps, times=2)
        assert len(running.of("trouble")) == 1


class TestSessions:
    """Calls begin and end with what they belong to."""

    def test_a_client_that_leaves_ends_the_call(self, serving, scenario, settings_with, endpoint):
        endpoint.never_replies()

        async def run():
            before = asyncio.all_tasks()
            async with serving(scenario("orders", STEPS, PATIENT)) as running:
                async with running.client() as client:
                    await client.send(settings_with(endpoint.url))
                    await client.send({"type": "InjectUserMessage", "content": "Hi"})
                    await client.until("FunctionCallRequest")
                    assert await asyncio.to_thread(endpoint.came.wait, WITHIN)
                await running.closed()
                assert await asyncio.to_thread(endpoint.was_left.wait, WITHIN)
            assert asyncio.all_tasks() == before

        asyncio.run(run())

    def test_a_server_that_ends_ends_the_call(self, serving, scenario, settings_with, endpoint):
        endpoint.never_replies()

        async def run():
            before = asyncio.all_tasks()
            async with serving(scenario("orders", STEPS, PATIENT)) as running, running.client() as client:
                await client.send(settings_with(endpoint.url))
                await client.send({"type": "InjectUserMessage", "content": "Hi"})
                await client.until("FunctionCallRequest")
                assert await asyncio.to_thread(endpoint.came.wait, WITHIN)
                await running.server.stop()
                assert await client.until("Error")
                assert await asyncio.to_thread(endpoint.was_left.wait, WITHIN)
            assert asyncio.all_tasks() == before

        asyncio.run(run())

    def test_no_secret_is_traced_or_told(self, called, endpoint, tmp_path):
        endpoint.replies(b"no", 500)
        headers = {"authorization": SECRET, "x-anything": "planted-in-a-header"}
        url = endpoint.url.replace("http://", "http://me:planted-password@") + "?q=planted-in-a-query"
        told, running = called(url, headers=headers, trace=tmp_path)
        assert endpoint.seen[0].headers["authorization"] == SECRET
        (trace,) = tmp_path.glob("*.jsonl")
        everything = trace.read_text() + repr(running.notices) + repr(told)
        assert "FUNCTION_CALL_FAILED" in everything
        assert [word for word in ("secrets", "planted") if word in everything] == []

    def test_the_http_client_is_loaded_with_the_first_call_only(self):
        code = "import sys, mockagent.server.app; print('httpx' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "False"

    def test_without_the_http_client_the_user_is_told_how_to_get_it(self, called, endpoint, monkeypatch):
        monkeypatch.setitem(sys.modules, "httpx", None)
        monkeypatch.delitem(sys.modules, "mockagent.server.endpoints", raising=False)
        monkeypatch.delattr("mockagent.server.endpoints", raising=False)
        told, running = called(endpoint.url)
        assert (told["content"], endpoint.connections) == ("{}", 0)
        assert "pip install 'mockagent[functions]'" in running.of("trouble")[0].text
