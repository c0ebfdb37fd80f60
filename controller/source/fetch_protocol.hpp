// SPDX-License-Identifier: Apache-2.0
// What the controller asks its git child, and what the child answers: one JSON object each way.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/clock.hpp"
#include "controller/base/result.hpp"
#include "controller/source/git_credential.hpp"

namespace trueup::source {

struct FetchRequest {
    std::string url;
    std::string mirror;    // the folder of the repository's mirror
    std::string commit;    // full id, or
    std::string branch;
    GitCredential credential;    // without its hosts: whoever asks has checked them
    base::Milliseconds deadline{0};
    std::int64_t parent = 0;    // process id of the controller

    bool operator==(const FetchRequest&) const = default;
};

std::string to_text(const FetchRequest& request);
Result<FetchRequest> parse_request(std::string_view text);

// The full id of the commit that was asked for, which the mirror has now; or why not.
std::string to_text(const Result<std::string>& answer);
// Errc::internal when the text is no answer.
Result<std::string> parse_answer(std::string_view text);

}    // namespace trueup::source
