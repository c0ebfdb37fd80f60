// SPDX-License-Identifier: Apache-2.0
// Problems with the path of the attribute in front: "services.web.ports[0]: …". The path is kept as one
// text that grows and shrinks while a walk goes down and up.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "controller/base/yaml.hpp"

namespace trueup::compose {

class Path {
public:
    // Lives as long as the walk is below that step.
    class Step {
    public:
        Step(Path& path, std::string_view name);
        Step(Path& path, std::size_t index);
        ~Step() { path_.text_.resize(length_); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

    private:
        Path& path_;
        std::size_t length_;
    };

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

class Reporter {
public:
    explicit Reporter(Problems& problems) : problems_(problems) {}

    Path path;

    void tell(const Position& position, std::string_view message, std::string advice = {});
    void tell(const yaml::Node& node, std::string_view message, std::string advice = {});
    // "expected a list, got a string"
    void expected(const yaml::Node& node, std::string_view what, std::string advice = {});
    std::size_t count() const { return problems_.size(); }

private:
    Problems& problems_;
};

}    // namespace trueup::compose
