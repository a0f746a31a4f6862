// A client of Notific's API: it reports an incident, tells who chose the service, and sends back all
// that it has read, as Notific's own samples do.
//
//     mkdir -p build && mcs -out:build/notific.exe -r:System.Net.Http \
//       -r:System.Runtime.Serialization docs/samples/notific.cs
//     mono build/notific.exe http://localhost:8080 KEY xml
//
// With .NET: the same file in a console project. `json` in place of `xml` speaks JSON.

using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;

[DataContract(Namespace = "")]
public class Service
{
    [DataMember] public int Id { get; set; }
    [DataMember] public string Name { get; set; }
    [DataMember] public string Description { get; set; }
}

[DataContract(Namespace = "")]
public class Customer
{
    [DataMember] public int Id { get; set; }
    [DataMember] public string Name { get; set; }
    [DataMember] public string Email { get; set; }
    [DataMember] public string CellPhone { get; set; }
    [DataMember] public List<int> Services { get; set; }
}

[DataContract(Namespace = "")]
public class Ticket
{
    [DataMember] public int Id { get; set; }
    [DataMember] public string Number { get; set; }
    [DataMember] public string Title { get; set; }
    [DataMember] public string Description { get; set; }
    [DataMember] public List<int> Services { get; set; }
    [DataMember] public int? OperatorId { get; set; }
    [DataMember] public int? CustomerId { get; set; }
    [DataMember] public DateTime? StartTime { get; set; }
    [DataMember] public DateTime? EndTime { get; set; }
    [DataMember] public DateTime? ExpectedResolutionTime { get; set; }
    [DataMember] public DateTime? NextUpdateTime { get; set; }
    [DataMember] public DateTime CreatedTime { get; set; }
    [DataMember] public DateTime UpdatedTime { get; set; }
    [DataMember] public DateTime? ClosedTime { get; set; }
    [DataMember] public DateTime? ReopenedTime { get; set; }
    [DataMember] public string Status { get; set; }
    [DataMember] public bool DoNotSendEmail { get; set; }
}

public class Notific
{
    private readonly HttpClient client = new HttpClient();
    private readonly string url, key, format;

    public Notific(string url, string key, string format)
    {
        this.url = url;
        this.key = key;
        this.format = format;
        client.DefaultRequestHeaders.Accept.ParseAdd("application/" + format);
    }

    public List<T> All<T>() { return Send<List<T>>(HttpMethod.Get, Path<T>(), null); }

    public T Get<T>(int id) { return Send<T>(HttpMethod.Get, Path<T>() + "/" + id, null); }

    public T Create<T>(T entity) { return Send<T>(HttpMethod.Post, Path<T>(), entity); }

    // The Id stands in the address and in the entity.
    public T Update<T>(int id, T entity) { return Send<T>(HttpMethod.Put, Path<T>() + "/" + id, entity); }

    public T Delete<T>(int id) { return Send<T>(HttpMethod.Delete, Path<T>() + "/" + id, null); }

    private static string Path<T>() { return "/api/" + typeof(T).Name + "s"; }

    private T Send<T>(HttpMethod method, string path, object entity)
    {
        var request = new HttpRequestMessage(method, url + path + "?key=" + Uri.EscapeDataString(key));
        if (entity != null)
        {
            var body = new MemoryStream();
            Serializer(entity.GetType()).WriteObject(body, entity);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/" + format);
        }
        using (var answer = client.SendAsync(request).Result)
        {
            var text = answer.Content.ReadAsStringAsync().Result;
            if (!answer.IsSuccessStatusCode)
            {
                throw new HttpRequestException((int)answer.StatusCode + " " + text);
            }
            return (T)Serializer(typeof(T)).ReadObject(answer.Content.ReadAsStreamAsync().Result);
        }
    }

    private XmlObjectSerializer Serializer(Type type)
    {
        if (format == "xml")
        {
            return new DataContractSerializer(type);
        }
        var utc = new DateTimeFormat("yyyy-MM-dd'T'HH:mm:ssK")
        {
            DateTimeStyles = System.Globalization.DateTimeStyles.AdjustToUniversal
        };
        return new DataContractJsonSerializer(
            type, new DataContractJsonSerializerSettings { DateTimeFormat = utc });
    }
}

public static class Program
{
    private static Notific notific;

    public static void Main(string[] args)
    {
        notific = new Notific(args[0], args[1], args.Length > 2 ? args[2] : "xml");
        var word = DateTime.UtcNow.Ticks.ToString();

        var vpn = notific.Create(new Service { Name = "VPN " + word });
        var ada = notific.Create(new Customer
        {
            Name = "Ada Lovelace",
            Email = "ada" + word + "@notific.example",
            Services = new List<int> { vpn.Id }
        });
        Console.WriteLine("{0} is told of {1}", ada.Email, vpn.Name);

        var start = new DateTime(2001, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        var id = notific.Create(new Ticket
        {
            Title = "No VPN",
            Description = "We are looking into it.",
            Services = new List<int> { vpn.Id },
            StartTime = start
        }).Id;
        Show("opened", notific.Get<Ticket>(id));

        Change("nothing", id, ticket => { });
        Change("updated", id, ticket =>
        {
            ticket.Description = "The line is cut.";
            ticket.ExpectedResolutionTime = start.AddHours(4);
        });
        Change("closed", id, ticket => ticket.ClosedTime = start.AddHours(1));
        Change("reopened", id, ticket => ticket.ReopenedTime = start.AddHours(2));
        Change("quietly", id, ticket =>
        {
            ticket.EndTime = start.AddHours(3);
            ticket.DoNotSendEmail = true;
        });
        Change("closed", id, ticket => ticket.ClosedTime = start.AddHours(3));

        Console.WriteLine("{0} tickets", notific.All<Ticket>().Count);
        try
        {
            notific.Create(new Customer { Name = "Eve" });
        }
        catch (HttpRequestException refused)
        {
            Console.WriteLine(refused.Message);
        }
    }

    // What is sent back whole changes only what differs.
    private static void Change(string what, int id, Action<Ticket> change)
    {
        var ticket = notific.Get<Ticket>(id);
        change(ticket);
        Show(what, notific.Update(id, ticket));
    }

    private static void Show(string what, Ticket ticket)
    {
        Console.WriteLine(
            "{0}: {1} {2}, {3:u} to {4:u}, closed {5:u}, reopened {6:u}, services {7}: {8}",
            what, ticket.Status, ticket.Title, ticket.StartTime, ticket.EndTime, ticket.ClosedTime,
            ticket.ReopenedTime, string.Join(" ", ticket.Services), ticket.Description);
    }
}
