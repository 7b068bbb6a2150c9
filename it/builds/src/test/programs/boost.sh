# needs: g++ /usr/include/boost/version.hpp
cat > leak.cpp <<CPP
#include <boost/interprocess/managed_shared_memory.hpp>
#include <boost/interprocess/sync/named_mutex.hpp>
#include <boost/interprocess/ipc/message_queue.hpp>
#include <string>
using namespace boost::interprocess;
int main(int, char **argv)
{
    std::string tag = argv[1];
    managed_shared_memory memory(create_only, (tag + "-memory").c_str(), 65536);
    memory.construct<int>("answer")(42);
    named_mutex mutex(create_only, (tag + "-mutex").c_str());
    message_queue queue(create_only, (tag + "-queue").c_str(), 8, 64);
}
CPP
g++ -O0 -o leak leak.cpp -pthread -lrt && ./leak "$TAG"
