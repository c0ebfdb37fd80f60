// SPDX-License-Identifier: Apache-2.0
// The stream of JSON lines that a build or a pull answers with. Pure; never throws; a line may come
// in pieces and is limited in size.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/result.hpp"

namespace trueup::engine {

class ProgressReader {
public:
    // Takes the next bytes; returns what there is to tell a person, line by line.
    std::vector<std::string> feed(std::string_view bytes);

    // After the end of the stream: the error it carried, if any. A build's ends with the last lines
    // that the failing step printed.
    std::optional<Error> error() const;
    // Of a build that succeeded; "" when the stream named none.
    const std::string& image_id() const { return image_id_; }

private:
    void take_line(std::string_view line, std::vector<std::string>& told);
    void take_trace(std::string_view base64, std::vector<std::string>& told);
    void remember(const std::string& vertex, std::string_view output,
                  std::vector<std::string>& told);

    std::string pending_;
    bool too_long_ = false;
    std::string image_id_;
    std::string message_;                                      // errorDetail.message
    std::map<std::string, std::string> names_;                 // vertex digest -> name
    std::map<std::string, std::deque<std::string>> output_;    // last lines of each vertex
    std::map<std::string, std::string> partial_;               // unfinished line of each vertex
    std::string failed_vertex_;
    std::set<std::string> announced_;
};

}    // namespace trueup::engine
