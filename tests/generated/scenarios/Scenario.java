import boathouse.altertable.ApiClient;
import boathouse.altertable.ApiException;
import boathouse.altertable.api.QueryApi;
import boathouse.altertable.api.UploadApi;
import boathouse.altertable.model.QueryRequest;
import boathouse.altertable.model.ValidateRequest;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a user of the Java client does, against the server at the address in the first argument. */
public class Scenario {
  static final String TABLE = "numbers_java";
  /** Each number below ROWS times each: as many rows as numbers below ROWS², every one of which is there once. */
  static final int ROWS = 600;
  static final long ALL = (long) ROWS * ROWS;
  static final String PAIRS =
      "SELECT a.n * " + ROWS + " + b.n AS number FROM " + TABLE + " a CROSS JOIN " + TABLE + " b";
  /** Nobody waits for the end of this answer, which is about 13 terabytes. */
  static final String ENDLESS = "SELECT * FROM generate_series(1, 1000000000000)";
  static final int ENOUGH = 100_000;

  static ApiClient signIn(String address, String name, String password) {
    byte[] credentials = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
    String header = "Basic " + Base64.getEncoder().encodeToString(credentials);
    ApiClient client = new ApiClient();
    client.updateBaseUri(address);
    client.setRequestInterceptor(request -> request.header("Authorization", header));
    return client;
  }

  static void upload(ApiClient client) throws IOException, ApiException {
    Path file = Files.createTempFile("numbers", ".csv");
    try {
      String numbers = IntStream.range(0, ROWS).mapToObj(n -> n + "\n").collect(Collectors.joining());
      Files.writeString(file, "n\n" + numbers);
      new UploadApi(client).uploadTable("lakehouse", "main", TABLE, file.toFile(), "create", null, null, null);
    } finally {
      Files.delete(file);
    }
  }

  /** Reads an answer line by line as it arrives, as far as the reader wants. */
  static void query(ApiClient client, String statement, Consumer<BufferedReader> reader) throws ApiException {
    QueryApi api = new QueryApi(client) {
      @Override
      public File downloadFileFromResponse(HttpResponse<InputStream> response, InputStream body) {
        reader.accept(new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)));
        return null;
      }
    };
    api.runQuery(new QueryRequest().statement(statement));
  }

  static void sum(BufferedReader lines) {
    try {
      check(lines.readLine().contains(PAIRS), "the first line has the statement");
      String columns = lines.readLine();
      check(columns.equals("[{\"name\":\"number\",\"type\":\"BIGINT\"}]"), columns);
      long count = 0, total = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        count += 1;
        total += Long.parseLong(line.substring(1, line.length() - 1));
      }
      check(count == ALL && total == ALL * (ALL - 1) / 2, count + " rows with the sum " + total);
      System.out.println("read " + count + " rows with the sum " + total);
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  static void begin(BufferedReader lines) {
    long seen = lines.lines().limit(ENOUGH + 2).count();
    check(seen == ENOUGH + 2, seen + " lines");
    System.out.println("read " + ENOUGH + " rows of an answer that has a million million, and went away");
  }

  /** The call must be refused with this status; answers the text. */
  static String refused(int status, Call call) throws IOException {
    try {
      call.run();
    } catch (ApiException refusal) {
      check(refusal.getCode() == status, refusal.toString());
      return refusal.getResponseBody();
    }
    throw new AssertionError("a call was taken that should have been refused with " + status);
  }

  interface Call {
    void run() throws IOException, ApiException;
  }

  static void check(boolean holds, String otherwise) {
    if (!holds) throw new AssertionError(otherwise);
  }

  public static void main(String[] arguments) throws IOException, ApiException {
    String address = arguments[0], name = arguments[1], password = arguments[2];
    ApiClient client = signIn(address, name, password);
    var valid = new QueryApi(client).validateStatement(new ValidateRequest().statement("SELECT 1"));
    check(valid.getValid(), valid.toString());
    System.out.println("signed in as " + name + "; a right statement is valid");

    var invalid = new QueryApi(client).validateStatement(new ValidateRequest().statement("SELECT FROM WHERE"));
    check(!invalid.getValid() && !invalid.getError().isBlank(), invalid.toString());
    System.out.println("a wrong statement is not: " + invalid.getError().lines().findFirst().orElseThrow());

    upload(client);
    System.out.println("uploaded " + ROWS + " rows into " + TABLE);
    query(client, PAIRS, Scenario::sum);
    query(client, ENDLESS, Scenario::begin);

    String again = refused(400, () -> upload(client));
    check(again.contains(TABLE), again);
    System.out.println("a second table of that name is refused, 400: " + again);

    ApiClient stranger = signIn(address, name, password + "?");
    String wrong = refused(401, () -> query(stranger, "SELECT 1", lines -> {}));
    check(!wrong.isBlank(), "the refusal has a text");
    System.out.println("a wrong password is refused, 401: " + wrong);
  }
}
