// SPDX-License-Identifier: Apache-2.0
// Files, tars and Dockerfiles of the fake engine.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/support/fake_engine.hpp"

namespace trueup::test {

using FakeFiles = std::map<std::string, std::string>;    // path -> content

// The same content gives the same id.
std::string fake_image_id(const FakeImage& image);
// Regular files of a tar, by path.
Result<FakeFiles> read_fake_tar(const std::string& tar);
// A tar of the files at or below `path`, as the archive API gives it: entries begin with the last
// part of `path`. not_found when there is none.
Result<std::string> write_fake_tar(const FakeFiles& files, const std::string& path);
// FROM, WORKDIR, COPY, RUN; see FakeEngine::build_image().
Result<FakeImage> build_fake_image(
    const FakeFiles& context, const engine::BuildRequest& request,
    const std::function<Result<FakeImage>(const std::string& reference)>& base_image);

}    // namespace trueup::test
