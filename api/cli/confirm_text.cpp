// SPDX-License-Identifier: Apache-2.0
#include "api/cli/confirm_text.hpp"

#include <fmt/format.h>

namespace trueup::cli {

std::string how_to_confirm(std::string text, const v1alpha1::ConfirmationStatus& asked,
                           const std::string& stack, const std::string& file) {
    // Of the token, behind the word it may begin with; no two questions of a stack share them.
    constexpr std::size_t digits = 12;
    const std::size_t shown = asked.token.rfind('-') + 1 + digits;
    const std::string beside = fmt::format("`trueup confirm {}`", stack);
    const std::string here =
        fmt::format("`trueup apply -f {} --confirm {}`", file, asked.token.substr(0, shown));
    const std::size_t at = text.find(beside);
    if (at == std::string::npos) return text + "; " + here + " says yes to it";
    return text.replace(at, beside.size(), here);
}

}    // namespace trueup::cli
