// SPDX-License-Identifier: Apache-2.0
// {"id":"moby.buildkit.trace","aux":"<base64 protobuf>"} lines are BuildKit's; {"status":…} and
// {"stream":…} lines the pull's and the classic builder's; {"errorDetail":…} ends both.
#include "controller/engine/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "controller/engine/codec.hpp"
#include "controller/engine/wire.hpp"
#include "progress.pb.h"

namespace trueup::engine {
namespace {

namespace json = boost::json;

constexpr std::size_t line_limit = 4U << 20U;
constexpr std::size_t output_line_limit = 4096;
constexpr std::size_t kept_lines = 20;
constexpr std::size_t vertex_limit = 10'000;

const json::string* string_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_string();
}

const json::object* object_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

}    // namespace

std::vector<std::string> ProgressReader::feed(std::string_view bytes) {
    std::vector<std::string> told;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        if (pending_.size() + piece.size() > line_limit) {
            too_long_ = true;
            pending_.clear();
        } else if (!too_long_) {
            pending_ += piece;
        }
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
        if (!too_long_) take_line(pending_, told);
        too_long_ = false;
        pending_.clear();
    }
    return told;
}

void ProgressReader::take_line(std::string_view line, std::vector<std::string>& told) {
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return;
    const auto parsed = codec::parse(line);
    if (!parsed || !parsed->is_object()) return;
    const json::object& object = parsed->as_object();
    const json::object* detail = object_at(object, "errorDetail");
    const json::string* short_form = string_at(object, "error");
    if (detail != nullptr || short_form != nullptr) {
        const json::string* message = detail == nullptr ? nullptr : string_at(*detail, "message");
        if (message == nullptr || message->empty()) message = short_form;
        message_ = message == nullptr || message->empty() ? "failed without a message"
                                                          : std::string(*message);
        return;
    }
    const json::string* id = string_at(object, "id");
    if (id != nullptr && *id == "moby.buildkit.trace") {
        if (const json::string* trace = string_at(object, "aux")) take_trace(*trace, told);
        return;
    }
    if (const json::object* aux = object_at(object, "aux")) {
        if (const json::string* image = string_at(*aux, "ID")) image_id_ = std::string(*image);
        return;
    }
    if (const json::string* stream = string_at(object, "stream")) {
        remember("", std::string_view(stream->data(), stream->size()), told);
    } else if (const json::string* status = string_at(object, "status")) {
        // Download ticks carry progressDetail with numbers; a line for each would flood.
        const json::object* ticks = object_at(object, "progressDetail");
        if (ticks == nullptr || ticks->empty()) {
            told.push_back(id == nullptr
                               ? std::string(*status)
                               : fmt::format("{}: {}", std::string(*id), std::string(*status)));
        }
    }
}

void ProgressReader::take_trace(std::string_view base64, std::vector<std::string>& told) {
    const auto bytes = wire::decode_base64(base64);
    if (!bytes) return;
    progress::StatusResponse response;
    if (!response.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) return;
    for (const progress::Vertex& vertex : response.vertexes()) {
        if (names_.size() >= vertex_limit) break;
        names_[vertex.digest()] = vertex.name();
        if (!vertex.error().empty()) failed_vertex_ = vertex.digest();
        const std::string line = vertex.name() + (vertex.cached() ? " (cached)" : "");
        if (announced_.insert(line).second) told.push_back(line);
    }
    for (const progress::VertexLog& log : response.logs()) {
        if (output_.size() < vertex_limit) remember(log.vertex(), log.msg(), told);
    }
}

void ProgressReader::remember(const std::string& vertex, std::string_view output,
                              std::vector<std::string>& told) {
    std::string& partial = partial_[vertex];
    std::deque<std::string>& lines = output_[vertex];
    while (!output.empty()) {
        const std::size_t end = output.find('\n');
        const std::string_view piece = output.substr(0, end);
        partial += piece.substr(0, output_line_limit - partial.size());
        if (end == std::string_view::npos) return;
        output.remove_prefix(end + 1);
        told.push_back(partial);
        lines.push_back(std::move(partial));
        partial.clear();
        if (lines.size() > kept_lines) lines.pop_front();
    }
}

std::optional<Error> ProgressReader::error() const {
    if (!pending_.empty()) {    // the last line lacks its end
        ProgressReader whole(*this);
        whole.feed("\n");
        return whole.error();
    }
    if (message_.empty()) return std::nullopt;
    std::string message = message_;
    const auto lines = output_.find(failed_vertex_);
    if (lines != output_.end()) {
        for (const std::string& line : lines->second) message += "\n  " + line;
        const auto rest = partial_.find(failed_vertex_);
        if (rest != partial_.end() && !rest->second.empty()) message += "\n  " + rest->second;
    }
    return Error(Errc::invalid, std::move(message));
}

}    // namespace trueup::engine
