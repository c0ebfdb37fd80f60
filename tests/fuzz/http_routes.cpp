// SPDX-License-Identifier: Apache-2.0
// Requests to both listeners: whatever is asked gets a whole answer with a status we know, and what
// the API says is JSON. The controller is told something only by a POST that comes from here, and
// whose body was right. Input: method, target, host, content type, origin and actor, one a line, and
// then the body.
#include <array>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/http/endpoint.hpp"
#include "api/http/routes.hpp"
#include "controller/base/text.hpp"
#include "tests/support/fake_operator.hpp"
#include "tests/support/run_task.hpp"

namespace {

using namespace trueup;

const reconcile::Registry& registry() {
    static reconcile::Registry filled(base::machine_clock());
    if (filled.names().empty()) {
        // Ready, so that nothing is waited for.
        v1alpha1::Condition ready;
        ready.type = "Ready";
        ready.status = v1alpha1::ConditionStatus::yes;
        v1alpha1::StackStatus status;
        status.conditions.push_back(ready);
        source::DesiredSnapshot snapshot;
        source::DesiredFile file;
        file.name = "shop.yaml";
        file.content =
            "apiVersion: trueup.dev/v1alpha1\n"
            "kind: Stack\n"
            "metadata: {name: shop}\n"
            "spec: {environment: test, source: {git: {url: https://git.example.com/shop.git, "
            "branch: main}}}\n";
        snapshot.files.push_back(file);
        filled.apply(snapshot);
        filled.set_status("shop", status);
    }
    return filled;
}

bool is_known(unsigned status) {
    constexpr std::array known{200U, 202U, 400U, 403U, 404U, 405U, 413U, 414U, 415U, 503U};
    for (const unsigned code : known) {
        if (code == status) return true;
    }
    return false;
}

http::Request to_request(std::string_view text) {
    http::Request request;
    const auto take_line = [&text] {
        const std::size_t end = text.find('\n');
        std::string line(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        return line;
    };
    request.method = take_line();
    request.target = take_line();
    request.host = take_line();
    request.content_type = take_line();
    request.origin = take_line();
    request.actor = take_line();
    request.body = std::string(text);
    return request;
}

}    // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const http::Request request = to_request(text);
    static boost::asio::io_context io;
    test::FakeOperator operations;
    operations.handled = {"request-1"};
    http::Api api{registry(), operations};
    const http::Response answer = test::run(io, http::route_api(request, api));
    boost::system::error_code code;
    boost::json::parse(answer.body, code);
    if (code || !is_known(answer.status) || answer.content_type != "application/json") std::abort();
    if (answer.status == 200 && !http::is_loopback_host(request.host)) std::abort();
    const bool changed = !operations.calls.empty();
    if (changed && (request.method != "POST" || answer.status >= 300)) std::abort();
    if (changed && !base::trim(request.content_type).starts_with("application/json")) std::abort();

    http::Health health;
    health.live = health.ready = {{"engines", [] { return Result<void>(); }}};
    const http::Response plain = http::route_metrics(request, health);
    if (!is_known(plain.status) || plain.content_type.empty()) std::abort();

    const auto endpoint = http::parse_loopback_endpoint(text);
    if (endpoint && !http::is_loopback_host(http::to_string(*endpoint))) std::abort();
    return 0;
}
