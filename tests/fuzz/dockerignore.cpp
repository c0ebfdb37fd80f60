// SPDX-License-Identifier: Apache-2.0
// .dockerignore: the first line is a path, the rest the rules. Walking into the path part by part
// must say the same as asking for the whole of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "controller/base/text.hpp"
#include "controller/dockerfile/ignore.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos) return 0;
    const auto path = trueup::base::normal_path(text.substr(0, line));
    if (!path || path->empty() || path->size() > 256) return 0;
    const auto ignore = trueup::dockerfile::Ignore::parse(text.substr(line + 1), ".dockerignore");
    if (!ignore) {
        if (ignore.error().problems().empty()) std::abort();
        return 0;
    }
    trueup::dockerfile::Ignore::State state;
    for (std::size_t end = path->find('/');; end = path->find('/', end + 1)) {
        state = ignore->enter(std::string_view(*path).substr(0, end), state);
        if (end == std::string::npos) break;
    }
    if (ignore->excluded(state) != ignore->excludes(*path)) std::abort();
    return 0;
}
