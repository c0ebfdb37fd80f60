// SPDX-License-Identifier: Apache-2.0
// Names and headers of .pyc files, and the answers of interpreters, all of which a process in a
// container can shape. The first line of the input is a path, the rest a head and an answer.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/code/bytecode.hpp"
#include "controller/code/pyc.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace trueup::code;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t end = input.find('\n');
    const std::string_view path = input.substr(0, end);
    const std::string_view rest = end == std::string_view::npos ? "" : input.substr(end + 1);
    const auto name = read_pyc_name(path);
    if (name && !name->source.ends_with(".py")) std::abort();
    if (name && name->cached == name->tag.empty()) std::abort();
    const PycHeader header = read_pyc_header(rest);
    if (header.form <= PycForm::unchecked_hash && rest.size() < 16) std::abort();
    const auto answer = read_answer(rest);
    if (answer && (answer->tag.empty() || answer->verdicts.size() > rest.size())) std::abort();
    return 0;
}
