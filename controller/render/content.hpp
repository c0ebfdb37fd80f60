// SPDX-License-Identifier: Apache-2.0
// Which content of files a container was made with: bound files, variable files, configs and secrets. It
// is a label, so that of a container that is to be replaced for another content alone, that can be named.
#pragma once

#include <string>
#include <string_view>

#include "controller/render/render.hpp"

namespace trueup::render {

// "HASH\nHASH settings/app.conf\nHASH secret token": the first one is of all else. "" where the service
// has no such content. With a key nothing can be guessed from it.
std::string content_label(const model::Project& project, const model::Service& service,
                          std::string_view key);

// The same as it was written before the first hash had the key in it, too.
std::string former_content_label(const model::Project& project, const model::Service& service,
                                 std::string_view key);

// The names of what has another content in `now`, where all else is the same; none otherwise. `before` may
// be anything.
model::Strings changed_contents(const std::string& before, const std::string& now);

}    // namespace trueup::render
