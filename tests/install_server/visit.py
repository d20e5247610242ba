"""Put into the machine and run there: the status with which the proxy answers. Its certificate is its own authority's."""

import ssl
import sys
import urllib.error
import urllib.request

if __name__ == "__main__":
    context = ssl._create_unverified_context()
    try:
        status = urllib.request.urlopen(sys.argv[1], context=context).status
    except urllib.error.HTTPError as refused:
        status = refused.code
    sys.stdout.write(f"{status}\n")
