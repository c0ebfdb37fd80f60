// SPDX-License-Identifier: Apache-2.0
#include "controller/source/fetch_protocol.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "controller/base/text.hpp"

namespace trueup::source {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

json::object to_json(const GitCredential& credential) {
    json::object object;
    object["kind"] = static_cast<int>(credential.kind);
    object["name"] = credential.name;
    object["username"] = credential.username;
    object["secret"] = credential.secret;
    object["privateKey"] = credential.private_key;
    object["knownHosts"] = credential.known_hosts;
    object["authorities"] = credential.authorities;
    return object;
}

Result<GitCredential> read_credential(const json::object& request) {
    GitCredential credential;
    const json::value* value = request.if_contains("credential");
    if (value == nullptr) return credential;
    if (!value->is_object()) return Error(Errc::internal, "the credential is no JSON object");
    const json::object& object = value->get_object();
    const std::int64_t kind = number_of(object, "kind");
    if (kind < 0 || kind > static_cast<int>(GitCredential::Kind::ssh_key))
        return Error(Errc::internal, "the credential is of no known kind");
    credential.kind = static_cast<GitCredential::Kind>(kind);
    credential.name = text_of(object, "name");
    credential.username = text_of(object, "username");
    credential.secret = text_of(object, "secret");
    credential.private_key = text_of(object, "privateKey");
    credential.known_hosts = text_of(object, "knownHosts");
    credential.authorities = text_of(object, "authorities");
    return credential;
}

// Messages may quote what a server sent.
std::string valid_utf8(std::string text) {
    while (const auto bad = base::find_invalid_utf8(text)) text[*bad] = '?';
    return text;
}

}    // namespace

std::string to_text(const FetchRequest& request) {
    json::object object;
    object["url"] = request.url;
    object["mirror"] = request.mirror;
    object["commit"] = request.commit;
    object["branch"] = request.branch;
    object["credential"] = to_json(request.credential);
    object["deadlineMilliseconds"] = request.deadline.count();
    object["parent"] = request.parent;
    return json::serialize(object);
}

Result<FetchRequest> parse_request(std::string_view text) {
    boost::system::error_code code;
    json::parse_options options;
    options.allow_invalid_utf8 = true;    // passwords and paths are bytes
    const json::value value = json::parse(text, code, {}, options);
    if (code || !value.is_object()) return Error(Errc::internal, "the request is no JSON object");
    const json::object& object = value.get_object();
    FetchRequest request;
    request.url = text_of(object, "url");
    request.mirror = text_of(object, "mirror");
    request.commit = text_of(object, "commit");
    request.branch = text_of(object, "branch");
    auto credential = read_credential(object);
    if (!credential) return credential.error();
    request.credential = std::move(*credential);
    request.deadline = base::Milliseconds(number_of(object, "deadlineMilliseconds"));
    request.parent = number_of(object, "parent");
    if (request.url.empty() || request.mirror.empty() || request.deadline.count() <= 0) {
        return Error(Errc::internal, "the request is not complete");
    }
    return request;
}

std::string to_text(const Result<std::string>& answer) {
    json::object object;
    if (answer) {
        object["commit"] = *answer;
    } else {
        object["code"] = static_cast<int>(answer.error().code());
        object["message"] = valid_utf8(answer.error().message());
    }
    return json::serialize(object);
}

Result<std::string> parse_answer(std::string_view text) {
    boost::system::error_code code;
    const json::value value = json::parse(text, code);
    if (code || !value.is_object()) return Error(Errc::internal, "the answer is no JSON object");
    const json::object& object = value.get_object();
    std::string commit = text_of(object, "commit");
    if (!commit.empty()) return commit;
    const std::int64_t error = number_of(object, "code");
    if (error < static_cast<int>(Errc::invalid) || error > static_cast<int>(Errc::internal)) {
        return Error(Errc::internal, "the answer has neither a commit nor an error");
    }
    return Error(static_cast<Errc>(error), text_of(object, "message"));
}

}    // namespace trueup::source
